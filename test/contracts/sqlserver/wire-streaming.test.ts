import type { Socket } from 'node:net';
import sql from 'mssql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startWire, type Wire } from './wire-fixture.ts';

let wire: Wire;
let pool: sql.ConnectionPool;

beforeAll(async () => {
  wire = await startWire();
  pool = await wire.pool();
});

afterAll(() => wire.close());

const wideRows = (count: number) =>
  `select i::int as i, 'some text that is long enough ' || i as s from range(${count}) t(i)`;

function stream(text: string): { request: sql.Request; rows: number[]; ended: Promise<Error | undefined> } {
  const request = pool.request();
  request.stream = true;
  request.arrayRowMode = true;
  const rows: number[] = [];
  const ended = new Promise<Error | undefined>(resolve => {
    let failure: Error | undefined;
    request.on('row', (row: number[]) => rows.push(row[0] ?? Number.NaN));
    request.on('error', error => {
      failure = error;
    });
    request.on('done', () => resolve(failure));
  });
  request.query(text);
  return { request, rows, ended };
}

/** The value that stayed the same for a fifth of a second. */
async function stillness(value: () => number): Promise<number> {
  for (;;) {
    const before = value();
    await new Promise(resolve => setTimeout(resolve, 200));
    if (value() === before) return before;
  }
}

test('a stream brings every row, in order, through many packets and chunks', async () => {
  const { rows, ended } = stream(wideRows(100_000));
  expect(await ended).toBeUndefined();
  expect(rows).toHaveLength(100_000);
  expect(rows.every((value, index) => value === index)).toBe(true);
});

test('a client that pauses stops the engine, and gets the rest when it resumes', async () => {
  wire.engine.produced = 0;
  const { request, rows, ended } = stream(wideRows(600_000));
  await eventually(() => rows.length > 0, 'a first row');
  request.pause();
  // What is under way fills the sockets' buffers; then nothing moves any more.
  const stopped = await stillness(() => wire.engine.produced);
  expect(stopped).toBeLessThan(150);
  request.resume();
  expect(await ended).toBeUndefined();
  expect(rows).toHaveLength(600_000);
});

test('cancelling in mid-stream ends the statement and leaves the connection usable', async () => {
  wire.engine.produced = 0;
  const { request, rows, ended } = stream(wideRows(2_000_000));
  await eventually(() => rows.length > 0, 'a first row');
  request.cancel();
  expect(await ended).toMatchObject({ code: 'ECANCEL' });
  expect(rows.length).toBeLessThan(2_000_000);
  expect(wire.engine.produced).toBeLessThan(900);
  expect((await pool.request().query('select 1 as one')).recordset).toEqual([{ one: 1 }]);
});

test('a statement that takes too long is given up by the client, and interrupted', async () => {
  let interrupted = false;
  wire.engine.scripts.set('sleep', async function* (_, signal) {
    await new Promise<void>(resolve => {
      signal.addEventListener('abort', () => {
        interrupted = true;
        resolve();
      });
    });
    yield { kind: 'done', command: 'other' } as const;
  });
  const impatient = await wire.pool({ requestTimeout: 100 });
  await expect(impatient.request().query('sleep')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  expect(interrupted).toBe(true);
  expect((await impatient.request().query('select 1 as one')).recordset).toEqual([{ one: 1 }]);
});

test('a client that vanishes interrupts its statement and ends its session', async () => {
  let interrupted = false;
  wire.engine.scripts.set('wait', async function* (_, signal) {
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
    interrupted = true;
    yield { kind: 'done', command: 'other' } as const;
  });
  const before = wire.engine.openSessions;
  const sockets: Socket[] = [];
  const connector = async () => {
    const socket = await wire.socket();
    sockets.push(socket);
    return socket;
  };
  const own = await wire.pool({ options: { connector } as sql.IOptions });
  const running = own.request().query('wait');
  await eventually(() => wire.engine.calls.includes('wait'), 'the statement to run');
  for (const socket of sockets) socket.destroy();
  await expect(running).rejects.toThrow();
  await eventually(() => interrupted, 'the interrupt');
  await eventually(() => wire.engine.openSessions === before, 'the session to close');
});

test('values of a megabyte pass in both directions', async () => {
  const text = 'é😀'.repeat(350_000);
  const result = await pool
    .request()
    .input('text', sql.NVarChar(sql.MAX), text)
    .query('select @text as text, 7 as after');
  expect(result.recordset).toEqual([{ text, after: 7 }]);
});
