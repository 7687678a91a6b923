import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framePackets, HEADER_BYTES, PacketParser } from '../../../../../local/servers/sqlserver/tds/packets.ts';
import { ProtocolError } from '../../../../../local/servers/sqlserver/tds/protocol-error.ts';

const clientTypes = [0x01, 0x03, 0x06, 0x07, 0x08, 0x0e, 0x10, 0x12];

const framing = fc.record({
  type: fc.constantFrom(...clientTypes),
  packetBytes: fc.integer({ min: 512, max: 32_767 }),
  firstId: fc.integer({ min: 1, max: 255 }),
  spid: fc.integer({ min: 0, max: 70_000 }),
  last: fc.constant(true),
});

test('a payload comes back whole, however the bytes were cut on the way', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 5000 }), framing), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
      (messages, cuts) => {
        const wire = Buffer.concat(messages.map(([payload, frame]) => framePackets(Buffer.from(payload), frame)));
        const parser = new PacketParser();
        const packets = pieces(wire, cuts).flatMap(piece => parser.push(piece));
        expect(parser.rest).toHaveLength(0);
        const received: { type: number; payload: Buffer }[] = [];
        let parts: Buffer[] = [];
        for (const packet of packets) {
          parts.push(packet.payload);
          if ((packet.status & 1) === 0) continue;
          received.push({ type: packet.type, payload: Buffer.concat(parts) });
          parts = [];
        }
        expect(received).toEqual(messages.map(([payload, { type }]) => ({ type, payload: Buffer.from(payload) })));
      },
    ),
    { numRuns: 60 },
  );
});

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const result: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = cuts[turn % cuts.length] ?? 1;
    result.push(bytes.subarray(at, at + size));
    at += size;
  }
  return result;
}

test('packets are full but for the last, numbered on, and only the last ends the message', () => {
  const wire = framePackets(Buffer.alloc(1000, 7), {
    type: 1,
    packetBytes: 512,
    firstId: 255,
    spid: 0x1234,
    last: true,
  });
  const packets = new PacketParser().push(wire);
  expect(packets.map(({ payload, status }) => [payload.length, status])).toEqual([
    [512 - HEADER_BYTES, 0],
    [1000 - 512 + HEADER_BYTES, 1],
  ]);
  expect(wire.subarray(0, HEADER_BYTES).toString('hex')).toBe('010002001234ff00');
  expect(wire[512 + 6]).toBe(0);
});

test('an empty message is one packet', () => {
  expect(framePackets(Buffer.alloc(0), { type: 4, packetBytes: 4096, firstId: 1, spid: 0, last: true })).toHaveLength(
    8,
  );
});

test.each([
  ['a reply, which only servers send', '04 01 0008 0000 01 00'],
  ['an unknown type', '47 45 5420 2f20 48 54'],
  ['a length below the header', '01 01 0007 0000 01 00'],
  ['a length above any packet size', '01 01 8000 0000 01 00'],
])('%s is refused', (_, hex) => {
  expect(() => new PacketParser().push(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(ProtocolError);
});
