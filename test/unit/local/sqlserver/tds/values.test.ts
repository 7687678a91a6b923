import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SqlType, SqlValue } from '../../../../../local/servers/sqlserver/session.ts';
import { ByteReader } from '../../../../../local/servers/sqlserver/tds/byte-reader.ts';
import { ByteWriter } from '../../../../../local/servers/sqlserver/tds/byte-writer.ts';
import { formatDate, formatTime } from '../../../../../local/servers/sqlserver/tds/calendar.ts';
import { ProtocolError } from '../../../../../local/servers/sqlserver/tds/protocol-error.ts';
import { readTypeInfo, wireTypeOf, writeTypeInfo } from '../../../../../local/servers/sqlserver/tds/type-info.ts';
import { readValue, writeValue } from '../../../../../local/servers/sqlserver/tds/values.ts';

function roundTrip(type: SqlType, value: SqlValue): SqlValue {
  const writer = new ByteWriter();
  writeTypeInfo(writer, type);
  writeValue(writer, wireTypeOf(type), value);
  const reader = new ByteReader(Buffer.from(writer.written()));
  const wire = readTypeInfo(reader);
  expect(wire.type.name).toBe(type.name === 'rowversion' ? 'binary' : type.name);
  const result = readValue(reader, wire, true);
  reader.end('value');
  return result;
}

function bytesOf(type: SqlType, value: SqlValue): string {
  const writer = new ByteWriter();
  writeValue(writer, wireTypeOf(type), value);
  return writer.written().toString('hex');
}

const day = fc.integer({ min: 0, max: 3_652_058 }).map(formatDate);
const scale = fc.integer({ min: 0, max: 7 });
const timeOf = (digits: number) =>
  fc.integer({ min: 0, max: 86_400 * 10 ** digits - 1 }).map(units => formatTime(units * 10 ** (7 - digits), digits));
const text = fc.string({ unit: 'binary', maxLength: 200 });

const decimals = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38), fc.boolean())
  .chain(([precision, anyScale, negative]) => {
    const digits = Math.min(anyScale, precision);
    return fc.bigInt({ min: 0n, max: 10n ** BigInt(precision) - 1n }).map(unscaled => {
      const padded = unscaled.toString().padStart(digits + 1, '0');
      const point = padded.length - digits;
      const plain = digits === 0 ? padded : `${padded.slice(0, point)}.${padded.slice(point)}`;
      return [
        { name: 'decimal', precision, scale: digits } as const,
        negative && unscaled > 0n ? `-${plain}` : plain,
      ] as const;
    });
  });

const typed: fc.Arbitrary<readonly [SqlType, SqlValue]> = fc.oneof(
  fc.boolean().map(value => [{ name: 'bit' }, value] as const),
  fc.integer({ min: 0, max: 255 }).map(value => [{ name: 'tinyint' }, value] as const),
  fc.integer({ min: -32_768, max: 32_767 }).map(value => [{ name: 'smallint' }, value] as const),
  fc.integer().map(value => [{ name: 'int' }, value] as const),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(value => [{ name: 'bigint' }, value] as const),
  fc.float({ noNaN: true }).map(value => [{ name: 'real' }, value] as const),
  fc.double({ noNaN: true }).map(value => [{ name: 'float' }, value] as const),
  decimals,
  fc.uuid().map(value => [{ name: 'uniqueidentifier' }, value] as const),
  day.map(value => [{ name: 'date' }, value] as const),
  scale.chain(digits => timeOf(digits).map(value => [{ name: 'time', scale: digits }, value] as const)),
  scale.chain(digits =>
    fc.tuple(day, timeOf(digits)).map(([d, t]) => [{ name: 'datetime2', scale: digits }, `${d}T${t}`] as const),
  ),
  text.map(value => [{ name: 'nvarchar', length: 400 }, value] as const),
  text.map(value => [{ name: 'nvarchar', length: -1 }, value] as const),
  text.map(value => [{ name: 'ntext' }, value] as const),
  text.map(value => [{ name: 'xml' }, value] as const),
  fc.uint8Array({ maxLength: 300 }).map(value => [{ name: 'varbinary', length: 300 }, value] as const),
  fc.uint8Array({ maxLength: 300 }).map(value => [{ name: 'varbinary', length: -1 }, value] as const),
  fc.uint8Array({ maxLength: 300 }).map(value => [{ name: 'image' }, value] as const),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map(value => [{ name: 'rowversion' }, value] as const),
);

test('every value of every type comes back as it went', () => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      expect(roundTrip(type, value)).toEqual(value);
      expect(roundTrip(type, null)).toBeNull();
    }),
    { numRuns: 1500 },
  );
});

describe('known bytes', () => {
  test.each<[string, SqlType, SqlValue, string]>([
    ['int', { name: 'int' }, 7, '0407000000'],
    ['nvarchar', { name: 'nvarchar', length: 10 }, 'hi', '040068006900'],
    ['empty nvarchar(max)', { name: 'nvarchar', length: -1 }, '', '000000000000000000000000'],
    ['decimal', { name: 'decimal', precision: 4, scale: 2 }, '12.34', '0501d2040000'],
    ['datetime2(7)', { name: 'datetime2', scale: 7 }, '2024-01-02T00:00:00.1', '0840420f0000' + '2a460b'],
    ['bigint', { name: 'bigint' }, 9n, '080900000000000000'],
    ['bit', { name: 'bit' }, true, '0101'],
    ['money, high half first', { name: 'money' }, '-0.0001', '08ffffffffffffffff'],
    ['money', { name: 'money' }, '1.0000', '080000000010270000'],
    ['datetime', { name: 'datetime' }, '1900-01-02T00:00:01.000', '08010000002c010000'],
    [
      'uniqueidentifier',
      { name: 'uniqueidentifier' },
      '00112233-4455-6677-8899-aabbccddeeff',
      '1033221100554477668899aabbccddeeff',
    ],
    ['char, padded', { name: 'char', length: 4 }, '€x', '0400' + '80782020'],
    ['varchar without a place in the code page', { name: 'varchar', length: 9 }, '日😀', '03003f3f3f'],
    [
      'datetimeoffset, stored in UTC',
      { name: 'datetimeoffset', scale: 0 },
      '0001-01-02T01:00:00+02:00',
      '08' + '704301' + '000000' + '7800',
    ],
    ['null in a byte', { name: 'int' }, null, '00'],
    ['null in two', { name: 'nvarchar', length: 10 }, null, 'ffff'],
    ['null in eight', { name: 'nvarchar', length: -1 }, null, 'ffffffffffffffff'],
  ])('%s', (_, type, value, hex) => {
    expect(bytesOf(type, value)).toBe(hex.replace('2a460b', bytesOf({ name: 'date' }, '2024-01-02').slice(2)));
  });

  test('a date counts days from 0001-01-01', () => {
    expect(bytesOf({ name: 'date' }, '0001-01-01')).toBe('03000000');
    expect(bytesOf({ name: 'date' }, '1970-01-01')).toBe('033af90a');
    expect(bytesOf({ name: 'date' }, '9999-12-31')).toBe('03dab937');
  });
});

test('datetime rounds to a three hundredth, over midnight where it must', () => {
  const type = { name: 'datetime' } as const;
  expect(roundTrip(type, '2024-01-02T03:04:05.006')).toBe('2024-01-02T03:04:05.007');
  expect(roundTrip(type, '2024-12-31T23:59:59.9999999')).toBe('2025-01-01T00:00:00.000');
  expect(roundTrip(type, '1753-01-01T00:00:00')).toBe('1753-01-01T00:00:00.000');
});

test('every byte of code page 1252 is a character and back', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const text = new TextDecoder('windows-1252').decode(bytes);
  expect(roundTrip({ name: 'varchar', length: 256 }, text)).toBe(text);
  expect(bytesOf({ name: 'varchar', length: 256 }, text)).toBe(`0001${bytes.toString('hex')}`);
});

test('smalldatetime rounds to the minute', () => {
  expect(roundTrip({ name: 'smalldatetime' }, '2024-12-31T23:59:30')).toBe('2025-01-01T00:00:00');
});

test('datetimeoffset keeps its offset and its local time', () => {
  const type = { name: 'datetimeoffset', scale: 3 } as const;
  expect(roundTrip(type, '2024-01-01T00:30:00.250+05:30')).toBe('2024-01-01T00:30:00.250+05:30');
  expect(roundTrip(type, '2023-12-31T23:30:00.000-08:00')).toBe('2023-12-31T23:30:00.000-08:00');
});

test.each<[string, SqlType, SqlValue]>([
  ['a number too large for its type', { name: 'tinyint' }, 256],
  ['a decimal with too many digits', { name: 'decimal', precision: 4, scale: 2 }, '123.45'],
  ['a date that does not exist', { name: 'date' }, '2023-02-29'],
  ['text where a date belongs', { name: 'datetime2', scale: 7 }, 'tomorrow'],
  ['text longer than two bytes can count', { name: 'nvarchar', length: 10 }, 'x'.repeat(33_000)],
])('%s is an error, not other data', (_, type, value) => {
  expect(() => bytesOf(type, value)).toThrow(RangeError);
});

test('any bytes where a parameter belongs are read or refused as a protocol error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
      const reader = new ByteReader(Buffer.from(bytes));
      try {
        readValue(reader, readTypeInfo(reader));
      } catch (error) {
        if ((error as Error).name === 'UnsupportedError') return;
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 3000 },
  );
});
