import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framePackets, PacketType } from '../../../local/servers/sqlserver/tds/packets.ts';
import { eventually, startWire, type Wire } from './wire-fixture.ts';

let wire: Wire;

beforeAll(async () => {
  wire = await startWire();
});

afterAll(() => wire.close());

function message(type: number, body: Buffer): Buffer {
  return framePackets(body, { type, packetBytes: 4096, firstId: 1, spid: 0, last: true });
}

/** LOGIN7 of user "sa" without a password, as a driver that skips PRELOGIN sends it. */
function login(tdsVersion = 0x74000004, packetBytes = 0): Buffer {
  const body = Buffer.alloc(94 + 4);
  body.writeUInt32LE(body.length, 0);
  body.writeUInt32LE(tdsVersion, 4);
  body.writeUInt32LE(packetBytes, 8);
  body.writeUInt16LE(94, 40);
  body.writeUInt16LE(2, 42);
  body.write('sa', 94, 'utf16le');
  return message(PacketType.login, body);
}

const headers = Buffer.from('16000000120000000200000000000000000001000000', 'hex');

function batch(text: string): Buffer {
  return message(PacketType.batch, Buffer.concat([headers, Buffer.from(text, 'utf16le')]));
}

const attention = message(PacketType.attention, Buffer.alloc(0));

/** Reads until as many messages as wanted came; gives their payloads. */
async function replies(socket: Socket, count: number): Promise<Buffer[]> {
  const complete: Buffer[] = [];
  let bytes = Buffer.alloc(0);
  let parts: Buffer[] = [];
  while (complete.length < count) {
    const length = bytes.length >= 8 ? bytes.readUInt16BE(2) : Number.POSITIVE_INFINITY;
    if (bytes.length < length) {
      const [more] = (await once(socket, 'data')) as [Buffer];
      bytes = Buffer.concat([bytes, more]);
      continue;
    }
    parts.push(bytes.subarray(8, length));
    if ((bytes[1] as number) & 1) {
      complete.push(Buffer.concat(parts));
      parts = [];
    }
    bytes = bytes.subarray(length);
  }
  return complete;
}

async function loggedIn(): Promise<Socket> {
  const socket = await wire.socket();
  socket.write(login());
  await replies(socket, 1);
  return socket;
}

async function isClosed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

const attentionDone = 'fd200000000000000000000000';

describe('well meant', () => {
  test('a driver that skips PRELOGIN', async () => {
    const socket = await loggedIn();
    socket.write(batch('select 5 as five'));
    const [answer] = await replies(socket, 1);
    expect(answer?.toString('hex')).toContain('d10405000000fd1000c1000100000000000000');
  });

  test('an attention while nothing runs is acknowledged', async () => {
    const socket = await loggedIn();
    socket.write(attention);
    expect((await replies(socket, 1))[0]?.toString('hex')).toBe(attentionDone);
  });

  test('an attention right behind its request: two answers, in order', async () => {
    const socket = await loggedIn();
    wire.engine.scripts.set('endless', async function* (_, signal) {
      if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
      yield { kind: 'done', command: 'other' } as const;
    });
    socket.write(Buffer.concat([batch('endless'), attention]));
    const [first, second] = await replies(socket, 2);
    expect(first?.toString('hex')).toBe('fd020000000000000000000000');
    expect(second?.toString('hex')).toBe(attentionDone);
  });

  test('a message that the client gives up half-way is not carried out', async () => {
    const socket = await loggedIn();
    const given = batch('select given up');
    given[1] = 0x03;
    socket.write(given);
    expect((await replies(socket, 1))[0]?.toString('hex')).toBe('fd000000000000000000000000');
    expect(wire.engine.calls).not.toContain('select given up');
  });

  test('a reset comes before the request that carries it, and is confirmed', async () => {
    const socket = await loggedIn();
    const request = batch('set nothing');
    request[1] = 0x09;
    socket.write(request);
    const [answer] = await replies(socket, 1);
    expect(answer?.toString('hex')).toMatch(/^e30300120000fd/);
    expect(wire.engine.calls.slice(-2)).toEqual(['RESET', 'set nothing']);
  });

  test('a bulk load that ends after its rows, without DONE, as FreeTDS sends it', async () => {
    const socket = await loggedIn();
    const columns = '810100' + '000000000100' + '2604' + '016100';
    for (const [rows, expected] of [
      ['d10405000000d100', [[5], [null]]],
      ['', []],
    ] as const) {
      socket.write(batch('insert bulk t(a int)'));
      await replies(socket, 1);
      socket.write(message(PacketType.bulkLoad, Buffer.from(columns + rows, 'hex')));
      const [answer] = await replies(socket, 1);
      expect(answer?.toString('hex')).toBe(`fd1000c3000${expected.length}00000000000000`);
      expect(wire.engine.bulk?.rows).toEqual(expected);
    }
  });

  test('several procedure calls in one message', async () => {
    const socket = await loggedIn();
    const name = Buffer.from('dbo.p', 'utf16le');
    const call = Buffer.concat([Buffer.of(5, 0), name, Buffer.of(0, 0)]);
    wire.engine.scripts.set('dbo.p', () => [{ kind: 'return-status', value: 3 }]);
    socket.write(message(PacketType.rpc, Buffer.concat([headers, call, Buffer.of(0xff), call])));
    const [answer] = await replies(socket, 1);
    const status = '7903000000';
    expect(answer?.toString('hex')).toBe(`${status}fe010000000000000000000000${status}fe000000000000000000000000`);
  });
});

describe('hostile', () => {
  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a request before the login', batch('select 1')],
    ['a packet longer than any', Buffer.from('1201ffff00000100', 'hex')],
    ['a prelogin whose option points outside', message(PacketType.prelogin, Buffer.from('000100ff06ff', 'hex'))],
    ['a login that is cut short', message(PacketType.login, Buffer.alloc(50))],
    ['a login longer than a login may be', message(PacketType.login, Buffer.alloc(200_000))],
    ['a client from before TDS 7.2', login(0x71000001)],
    ['a TLS handshake where there is no certificate', Buffer.from('1603010200010001fc0303', 'hex')],
  ])('%s: the connection is closed and the log says why', async (_, bytes) => {
    wire.logged.length = 0;
    const socket = await wire.socket();
    socket.write(bytes);
    await isClosed(socket);
    expect(wire.logged).toHaveLength(1);
    expect(wire.logged[0]).toMatch(/^sqlserver: closed the connection from 127\.0\.0\.1:\d+: \S/);
    expect(wire.logged[0]).not.toMatch(/\n\s+at /);
  });

  test.each([
    ['bulk data nobody announced', message(PacketType.bulkLoad, Buffer.of(0x81, 0, 0))],
    ['a second login', login()],
    ['headers longer than the message', message(PacketType.batch, Buffer.from('ffffff7f', 'hex'))],
    [
      'a call cut inside a parameter',
      message(PacketType.rpc, Buffer.concat([headers, Buffer.from('ffff0a000000000000e7401f', 'hex')])),
    ],
    [
      'a message of two types',
      Buffer.concat([
        framePackets(Buffer.alloc(9), { type: 1, packetBytes: 4096, firstId: 1, spid: 0, last: false }),
        batch('x'),
      ]),
    ],
  ])('after the login, %s', async (_, bytes) => {
    const sessions = wire.engine.openSessions;
    const socket = await loggedIn();
    socket.write(bytes);
    await isClosed(socket);
    await eventually(() => wire.engine.openSessions === sessions, 'the session to close');
  });

  test.each([1, 8, 4_000_000_000])('a packet size of %i is brought into bounds', async packetBytes => {
    const socket = await wire.socket();
    socket.write(login(undefined, packetBytes));
    await replies(socket, 1);
    socket.write(batch(`select repeat('x', 100000) as text`));
    const [answer] = await replies(socket, 1);
    expect(answer?.length).toBeGreaterThan(200_000);
  });

  test('a client that leaves during its login leaves no session behind', async () => {
    const sessions = wire.engine.openSessions;
    const stop = wire.faults.observe(({ operation, phase }) => {
      if (operation === 'LOGIN sa' && phase === 'before') socket.destroy();
    });
    const socket = await wire.socket();
    socket.write(login());
    await isClosed(socket);
    stop();
    await eventually(() => wire.engine.calls.at(-1) === 'LOGIN sa', 'the login');
    await eventually(() => wire.engine.openSessions === sessions, 'the session to close');
  });

  test('a type that is not supported is an error, and the connection lives on', async () => {
    const socket = await loggedIn();
    const call = Buffer.concat([Buffer.from('01007800' + '0000' + '0000' + '62401f0000', 'hex')]);
    socket.write(message(PacketType.rpc, Buffer.concat([headers, call])));
    const [answer] = await replies(socket, 1);
    expect(answer?.toString('utf16le', 11)).toContain('does not support values of sql_variant types');
    socket.write(batch('select 5 as five'));
    expect((await replies(socket, 1))[0]?.toString('hex')).toContain('d10405000000');
  });

  test('any bytes at all, before and after the login: the server lives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.constantFrom(...Object.values(PacketType)),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        async (afterLogin, type, bytes, framed) => {
          const socket = afterLogin ? await loggedIn() : await wire.socket();
          socket.end(framed ? message(type, Buffer.from(bytes)) : Buffer.from(bytes));
          await isClosed(socket);
        },
      ),
      { numRuns: 150 },
    );
    const socket = await loggedIn();
    socket.write(batch('select 5 as five'));
    expect((await replies(socket, 1))[0]?.toString('hex')).toContain('d10405000000');
  });
});
