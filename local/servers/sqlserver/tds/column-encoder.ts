import { DuckDBDecimalType, DuckDBTypeId, type DuckDBVector } from '@duckdb/node-api';
import type { SqlColumn, SqlType } from '../session.ts';
import { ByteWriter } from './byte-writer.ts';
import { DAYS_TO_1970, LAST_DAY } from './calendar.ts';
import { sqlValueOf } from './duck-value.ts';
import { textEncoder } from './text-column-encoder.ts';
import { DEFAULT_PRECISION, DEFAULT_TIME_SCALE, decimalBytes, timeBytes, wireTypeOf } from './type-info.ts';
import { writeValue } from './values.ts';
import { isValid, type VectorMemory, vectorMemory } from './vector-memory.ts';

/**
 * Encodes one column of a chunk. Working column by column keeps each loop to one type; sizes first, so that the rows, in which
 * the columns lie side by side, can be filled in place.
 */
export interface ColumnEncoder {
  /** Roughly the bytes that a row's value holds in memory, where that can be much. */
  readonly weigh?: (row: number) => number;
  /** Adds the encoded bytes of rows `from` to `to` (exclusive) to `sizes`. @throws RangeError when a value does not fit */
  measure(from: number, to: number, sizes: Int32Array): void;
  /** Writes the values just measured, each at its row's cursor, and moves the cursors. */
  write(from: number, to: number, target: Buffer, cursors: Int32Array): void;
}

/** The fast encoder for the column's type over this vector, or the slow one where there is none. */
export function columnEncoder(column: SqlColumn, vector: DuckDBVector, rowCount: number): ColumnEncoder {
  return fastEncoder(column, vector, rowCount) ?? valueEncoder(column, vector);
}

/** Value by value through `SqlValue`: right for every pair of types, and the yardstick of the fast encoders. */
export function valueEncoder(column: SqlColumn, vector: DuckDBVector): ColumnEncoder {
  const wire = wireTypeOf(column.type);
  const encoded = new ByteWriter();
  let ends: number[] = [];
  return {
    measure(from, to, sizes) {
      encoded.length = 0;
      ends = [];
      for (let row = from; row < to; row += 1) {
        const start = encoded.length;
        writeValue(encoded, wire, sqlValueOf(vector.getItem(row)));
        sizes[row] = (sizes[row] as number) + encoded.length - start;
        ends.push(encoded.length);
      }
    },
    write(from, to, target, cursors) {
      let start = 0;
      for (let row = from; row < to; row += 1) {
        const end = ends[row - from] as number;
        encoded.bytes.copy(target, cursors[row], start, end);
        cursors[row] = (cursors[row] as number) + end - start;
        start = end;
      }
    },
  };
}

/** Bytes of the types whose values look the same in DuckDB's memory and on the wire. */
const SAME: Partial<Record<SqlType['name'], readonly [DuckDBTypeId, number]>> = {
  bit: [DuckDBTypeId.BOOLEAN, 1],
  tinyint: [DuckDBTypeId.UTINYINT, 1],
  smallint: [DuckDBTypeId.SMALLINT, 2],
  int: [DuckDBTypeId.INTEGER, 4],
  bigint: [DuckDBTypeId.BIGINT, 8],
  real: [DuckDBTypeId.FLOAT, 4],
  float: [DuckDBTypeId.DOUBLE, 8],
};

/** Units per second of DuckDB's times and timestamps. */
const UNITS: Partial<Record<DuckDBTypeId, number>> = {
  [DuckDBTypeId.TIME]: 1e6,
  [DuckDBTypeId.TIME_NS]: 1e9,
  [DuckDBTypeId.TIMESTAMP_S]: 1,
  [DuckDBTypeId.TIMESTAMP_MS]: 1e3,
  [DuckDBTypeId.TIMESTAMP]: 1e6,
  [DuckDBTypeId.TIMESTAMP_NS]: 1e9,
  [DuckDBTypeId.TIMESTAMP_TZ]: 1e6,
};

const TIMES: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.TIME, DuckDBTypeId.TIME_NS]);

/** An encoder that reads the vector's memory; undefined for pairs of types that are rare, and where memory is not at hand. */
export function fastEncoder({ type }: SqlColumn, vector: DuckDBVector, rowCount: number): ColumnEncoder | undefined {
  const memory = vectorMemory(vector);
  if (memory === undefined) return undefined;
  const duckType = vector.type;
  const { typeId } = duckType;
  const same = SAME[type.name];
  if (same !== undefined)
    return typeId === same[0] ? fixedEncoder(memory, same[1], copyPut(memory, same[1])) : undefined;
  const units = UNITS[typeId];
  switch (type.name) {
    case 'decimal':
    case 'numeric': {
      const precision = type.precision ?? DEFAULT_PRECISION;
      if (!(duckType instanceof DuckDBDecimalType)) return undefined;
      if (duckType.scale !== (type.scale ?? 0) || duckType.width > precision) return undefined;
      return fixedEncoder(memory, decimalBytes(precision), decimalPut(memory, duckType.width, decimalBytes(precision)));
    }
    case 'uniqueidentifier':
      return typeId === DuckDBTypeId.UUID ? fixedEncoder(memory, 16, uuidPut(memory)) : undefined;
    case 'date':
      return typeId === DuckDBTypeId.DATE ? fixedEncoder(memory, 3, datePut(memory)) : undefined;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset': {
      if (units === undefined || TIMES.has(typeId) !== (type.name === 'time')) return undefined;
      if (typeId === DuckDBTypeId.TIMESTAMP_TZ && type.name !== 'datetimeoffset') return undefined;
      const scale = type.scale ?? DEFAULT_TIME_SCALE;
      const extra = { time: 0, datetime2: 3, datetimeoffset: 5 }[type.name];
      return fixedEncoder(memory, timeBytes(scale) + extra, momentPut(memory, units, scale, type.name));
    }
    default:
      return textEncoder(wireTypeOf(type), typeId, memory, rowCount);
  }
}

type Put = (row: number, target: Buffer, at: number) => void;

/** A value of `size` bytes behind its length; NULL is length 0. */
function fixedEncoder(memory: VectorMemory, size: number, put: Put): ColumnEncoder {
  return {
    measure(from, to, sizes) {
      for (let row = from; row < to; row += 1) {
        sizes[row] = (sizes[row] as number) + (isValid(memory, row) ? 1 + size : 1);
      }
    },
    write(from, to, target, cursors) {
      for (let row = from; row < to; row += 1) {
        const at = cursors[row] as number;
        const valid = isValid(memory, row);
        target[at] = valid ? size : 0;
        if (valid) put(row, target, at + 1);
        cursors[row] = at + (valid ? 1 + size : 1);
      }
    },
  };
}

function copyPut({ bytes }: VectorMemory, size: number): Put {
  return (row, target, at) => {
    for (let byte = 0; byte < size; byte += 1) target[at + byte] = bytes[row * size + byte] as number;
  };
}

/** Sign, then the magnitude in 4 to 16 bytes. DuckDB stores two's complement, as wide as the precision needs. */
function decimalPut({ view }: VectorMemory, width: number, size: number): Put {
  const stored = width <= 4 ? 2 : width <= 9 ? 4 : width <= 18 ? 8 : 16;
  const storedWords = Math.max(stored / 4, 1);
  const words = new Int32Array(4);
  return (row, target, at) => {
    const start = row * stored;
    words[0] = stored === 2 ? view.getInt16(start, true) : view.getInt32(start, true);
    for (let word = 1; word < storedWords; word += 1) words[word] = view.getInt32(start + word * 4, true);
    const negative = (words[storedWords - 1] as number) < 0;
    words.fill(negative ? -1 : 0, storedWords);
    target[at] = negative ? 0 : 1;
    let carry = negative ? 1 : 0;
    for (let word = 0; word * 4 < size - 1; word += 1) {
      const value = (negative ? ~(words[word] as number) : (words[word] as number)) >>> 0;
      const sum = value + carry;
      carry = sum > 0xffff_ffff ? 1 : 0;
      target.writeUInt32LE(sum >>> 0, at + 1 + word * 4);
    }
  };
}

/** DuckDB keeps a UUID as a 128-bit number with its highest bit flipped; the wire swaps the first three groups. */
function uuidPut({ bytes }: VectorMemory): Put {
  const order = [12, 13, 14, 15, 10, 11, 8, 9, 7, 6, 5, 4, 3, 2, 1, 0];
  return (row, target, at) => {
    for (const [index, byte] of order.entries()) target[at + index] = bytes[row * 16 + byte] as number;
    target[at + 3] = (target[at + 3] as number) ^ 0x80;
  };
}

function datePut({ view }: VectorMemory): Put {
  return (row, target, at) => writeDay(target, at, view.getInt32(row * 4, true) + DAYS_TO_1970);
}

function writeDay(target: Buffer, at: number, days: number): void {
  if (!(days >= 0 && days <= LAST_DAY)) throw new RangeError(`day ${days} is outside 0001-01-01 to 9999-12-31`);
  target.writeUIntLE(days, at, 3);
}

const WORD = 2 ** 32;

/**
 * Splits a 64-bit count of units since 1970 into days and the rest of the day. Nanoseconds exceed 2^53, and so do microseconds
 * at the end of year 9999; taking the two halves of the number apart keeps each step exact without BigInt.
 */
function momentPut({ view }: VectorMemory, unitsPerSecond: number, scale: number, name: SqlType['name']): Put {
  const unitsPerDay = 86_400 * unitsPerSecond;
  const dayHigh = Math.floor(unitsPerDay / WORD);
  const dayLow = unitsPerDay - dayHigh * WORD;
  const tickFactor = 10 ** scale / unitsPerSecond;
  const tickDivisor = unitsPerSecond / 10 ** scale;
  const size = timeBytes(scale);
  return (row, target, at) => {
    const low = view.getUint32(row * 8, true);
    const high = view.getInt32(row * 8 + 4, true);
    let days = Math.floor((high * WORD + low) / unitsPerDay);
    let rest = (high - days * dayHigh) * WORD + (low - days * dayLow);
    if (rest < 0) {
      days -= 1;
      rest += unitsPerDay;
    } else if (rest >= unitsPerDay) {
      days += 1;
      rest -= unitsPerDay;
    }
    const ticks = tickFactor >= 1 ? rest * tickFactor : Math.floor(rest / tickDivisor);
    target.writeUIntLE(ticks, at, size);
    if (name === 'time') return;
    writeDay(target, at + size, days + DAYS_TO_1970);
    if (name === 'datetimeoffset') target.writeInt16LE(0, at + size + 3);
  };
}
