/** The bytes of one value, without their length, as a `SqlValue` (MS-TDS 2.2.5.5). Exact in every type. */
import type { SqlType, SqlValue } from '../session.ts';
import { DAYS_TO_1900, formatDate, formatOffset, formatTime, shiftMinutes, TICKS_PER_DAY } from './calendar.ts';
import { decodeText } from './text-codec.ts';
import { DEFAULT_TIME_SCALE, timeBytes, type WireType } from './type-info.ts';

/** @throws RangeError when the bytes are no value of the type */
export function decodeValue(wire: WireType, bytes: Buffer): Exclude<SqlValue, null> {
  const { type } = wire;
  expectLength(type, bytes);
  switch (type.name) {
    case 'bit':
      return bytes[0] !== 0;
    case 'tinyint':
      return bytes.readUInt8();
    case 'smallint':
      return bytes.readInt16LE();
    case 'int':
      return bytes.readInt32LE();
    case 'bigint':
      return bytes.readBigInt64LE();
    case 'real':
      return bytes.readFloatLE();
    case 'float':
      return bytes.readDoubleLE();
    case 'decimal':
    case 'numeric': {
      const magnitude = BigInt(`0x${Buffer.from(bytes.subarray(1)).reverse().toString('hex')}`);
      return decimalText(bytes[0] === 0 ? -magnitude : magnitude, type.scale ?? 0);
    }
    case 'smallmoney':
      return decimalText(BigInt(bytes.readInt32LE()), 4);
    case 'money':
      return decimalText((BigInt(bytes.readInt32LE()) << 32n) | BigInt(bytes.readUInt32LE(4)), 4);
    case 'uniqueidentifier':
      return uuidText(bytes);
    case 'date':
      return formatDate(bytes.readUIntLE(0, 3));
    case 'time':
      return formatTime(readTicks(bytes, type, bytes.length), scaleOf(type));
    case 'datetime2': {
      const size = bytes.length - 3;
      const time = formatTime(readTicks(bytes, type, size), scaleOf(type));
      return `${formatDate(bytes.readUIntLE(size, 3))}T${time}`;
    }
    case 'datetimeoffset': {
      const size = bytes.length - 5;
      const offset = bytes.readInt16LE(size + 3);
      const local = shiftMinutes(bytes.readUIntLE(size, 3), readTicks(bytes, type, size), offset);
      return `${formatDate(local.days)}T${formatTime(local.ticks, scaleOf(type))}${formatOffset(offset)}`;
    }
    case 'datetime': {
      // Three hundredths of a second, shown by SQL Server as the nearest millisecond.
      const milliseconds = Math.round((bytes.readUInt32LE(4) * 10) / 3);
      return `${formatDate(bytes.readInt32LE() + DAYS_TO_1900)}T${formatTime(milliseconds * 10_000, 3)}`;
    }
    case 'smalldatetime':
      return `${formatDate(bytes.readUInt16LE() + DAYS_TO_1900)}T${formatTime(bytes.readUInt16LE(2) * 600_000_000, 0)}`;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
      return decodeText(bytes, wire.encoding);
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return Uint8Array.from(bytes);
  }
}

const EXACT_LENGTHS: Partial<Record<SqlType['name'], number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  real: 4,
  float: 8,
  smallmoney: 4,
  money: 8,
  uniqueidentifier: 16,
  date: 3,
  datetime: 8,
  smalldatetime: 4,
};

function expectLength(type: SqlType, bytes: Buffer): void {
  const time = timeBytes(scaleOf(type));
  const expected =
    { time, datetime2: time + 3, datetimeoffset: time + 5 }[type.name as string] ?? EXACT_LENGTHS[type.name];
  const decimal = type.name === 'decimal' || type.name === 'numeric';
  if (expected !== undefined ? bytes.length === expected : !decimal || (bytes.length >= 2 && bytes.length <= 17))
    return;
  throw new RangeError(`a value of type ${type.name} cannot be ${bytes.length} bytes long`);
}

function scaleOf(type: SqlType): number {
  return type.scale ?? DEFAULT_TIME_SCALE;
}

function readTicks(bytes: Buffer, type: SqlType, size: number): number {
  const ticks = bytes.readUIntLE(0, size) * 10 ** (7 - scaleOf(type));
  if (ticks >= TICKS_PER_DAY) throw new RangeError(`${ticks} ticks of 100 ns are more than a day`);
  return ticks;
}

function decimalText(unscaledValue: bigint, scale: number): string {
  const digits = (unscaledValue < 0n ? -unscaledValue : unscaledValue).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaledValue < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

/** The first three groups of a uniqueidentifier are little-endian numbers. */
function uuidText(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.subarray(from, to).toString('hex');
  const swapped = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).reverse().toString('hex');
  return `${swapped(0, 4)}-${swapped(4, 6)}-${swapped(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
}
