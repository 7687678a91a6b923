/** A `SqlValue` as the bytes of its type, without their length (MS-TDS 2.2.5.5). The counterpart of `value-decode.ts`. */
import type { SqlType, SqlValue } from '../session.ts';
import { DAYS_TO_1900, parseMoment, shiftMinutes } from './calendar.ts';
import { encodeText } from './text-codec.ts';
import { DEFAULT_PRECISION, DEFAULT_TIME_SCALE, decimalBytes, timeBytes, type WireType } from './type-info.ts';

/** @throws RangeError when the value does not fit the type */
export function encodeValue(wire: WireType, value: Exclude<SqlValue, null>): Buffer {
  const { type } = wire;
  switch (type.name) {
    case 'bit':
      return Buffer.of(value === true || (value !== false && Number(value) !== 0) ? 1 : 0);
    case 'tinyint':
      return Buffer.of(Number(integerOf(type, value, 0n, 255n)));
    case 'smallint':
      return integerBytes(2, integerOf(type, value, -32_768n, 32_767n));
    case 'int':
      return integerBytes(4, integerOf(type, value, -2_147_483_648n, 2_147_483_647n));
    case 'bigint':
      return integerBytes(8, integerOf(type, value, -(2n ** 63n), 2n ** 63n - 1n));
    case 'real': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(Number(value));
      return bytes;
    }
    case 'float': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return bytes;
    }
    case 'decimal':
    case 'numeric':
      return decimalOf(type, value);
    case 'smallmoney':
      return integerBytes(4, unscaled(type, value, 4));
    case 'money': {
      const bytes = integerBytes(8, unscaled(type, value, 4));
      return Buffer.concat([bytes.subarray(4), bytes.subarray(0, 4)]);
    }
    case 'uniqueidentifier':
      return uuidBytes(String(value));
    case 'date':
      return dayBytes(parseMoment(String(value)).days);
    case 'time':
      return tickBytes(parseMoment(String(value)).ticks, type);
    case 'datetime2': {
      const { days, ticks } = parseMoment(String(value));
      return Buffer.concat([tickBytes(ticks, type), dayBytes(days)]);
    }
    case 'datetimeoffset': {
      const { days, ticks, offsetMinutes } = parseMoment(String(value));
      const utc = shiftMinutes(days, ticks, -offsetMinutes);
      return Buffer.concat([tickBytes(utc.ticks, type), dayBytes(utc.days), integerBytes(2, BigInt(offsetMinutes))]);
    }
    case 'datetime': {
      const { days, ticks } = parseMoment(String(value));
      // Rounding may reach midnight; then it is the next day's first moment.
      const units = Math.round((ticks * 3) / 100_000);
      const over = units >= 25_920_000 ? 1 : 0;
      return Buffer.concat([
        integerBytes(4, BigInt(days - DAYS_TO_1900 + over)),
        integerBytes(4, BigInt(over === 1 ? 0 : units)),
      ]);
    }
    case 'smalldatetime': {
      const { days, ticks } = parseMoment(String(value));
      const minutes = Math.round(ticks / 600_000_000);
      const rounded = shiftMinutes(days, 0, minutes);
      const bytes = Buffer.alloc(4);
      bytes.writeUInt16LE(rounded.days - DAYS_TO_1900);
      bytes.writeUInt16LE(rounded.ticks / 600_000_000, 2);
      return bytes;
    }
    case 'char':
    case 'nchar':
      return encodeText(String(value).padEnd(type.length ?? 0, ' '), wire.encoding);
    case 'varchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
      return encodeText(String(value), wire.encoding);
    case 'binary':
    case 'rowversion': {
      const bytes = bytesOf(type, value);
      const missing = (type.name === 'rowversion' ? 8 : (type.length ?? 0)) - bytes.length;
      return missing > 0 ? Buffer.concat([bytes, Buffer.alloc(missing)]) : bytes;
    }
    case 'varbinary':
    case 'image':
      return bytesOf(type, value);
  }
}

/** Digits finer than the scale are cut, so that a time never becomes the next day's. */
function tickBytes(ticks: number, type: SqlType): Buffer {
  const scale = type.scale ?? DEFAULT_TIME_SCALE;
  const bytes = Buffer.alloc(timeBytes(scale));
  bytes.writeUIntLE(Math.floor(ticks / 10 ** (7 - scale)), 0, bytes.length);
  return bytes;
}

function dayBytes(days: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE(days, 0, 3);
  return bytes;
}

function integerOf(type: SqlType, value: SqlValue, low: bigint, high: bigint): bigint {
  const integer = typeof value === 'bigint' ? value : BigInt(value as number | string | boolean);
  if (integer < low || integer > high) throw new RangeError(`${integer} does not fit ${type.name}`);
  return integer;
}

function integerBytes(size: 2 | 4 | 8, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes.subarray(0, size);
}

function decimalOf(type: SqlType, value: SqlValue): Buffer {
  const precision = type.precision ?? DEFAULT_PRECISION;
  const number = unscaled(type, value, type.scale ?? 0);
  const magnitude = number < 0n ? -number : number;
  if (magnitude >= 10n ** BigInt(precision)) {
    throw new RangeError(`${String(value)} does not fit ${type.name}(${precision}, ${type.scale ?? 0})`);
  }
  const bytes = Buffer.alloc(17);
  bytes[0] = number < 0n ? 0 : 1;
  bytes.writeBigUInt64LE(magnitude & 0xffff_ffff_ffff_ffffn, 1);
  bytes.writeBigUInt64LE(magnitude >> 64n, 9);
  return bytes.subarray(0, decimalBytes(precision));
}

/** The value times 10^scale; digits beyond the scale are cut. */
function unscaled(type: SqlType, value: SqlValue, scale: number): bigint {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(String(value).trim());
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) {
    throw new RangeError(`"${String(value)}" is not a ${type.name}`);
  }
  const fraction = (match[3] ?? '').padEnd(scale, '0').slice(0, scale);
  const digits = BigInt(`${match[2]}${fraction}` || '0');
  return match[1] === '-' ? -digits : digits;
}

function uuidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replace(/[-{}]/g, ''), 'hex');
  if (bytes.length !== 16) throw new RangeError(`"${text}" is not a uniqueidentifier`);
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

function bytesOf(type: SqlType, value: SqlValue): Buffer {
  if (!(value instanceof Uint8Array)) throw new RangeError(`a value of type ${type.name} must be bytes`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
