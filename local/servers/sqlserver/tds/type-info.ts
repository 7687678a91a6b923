/** TYPE_INFO: how types are named on the wire (MS-TDS 2.2.5.4 to 2.2.5.6). Written for columns, read for parameters. */
import type { SqlType } from '../session.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { ProtocolError } from './protocol-error.ts';
import { UnsupportedError } from './unsupported-error.ts';

/** How a value's length is told: not at all, in a byte, in two, in pieces (PLP), or in four bytes (text, ntext, image). */
export type ValueForm = 'fixed' | 'byte' | 'short' | 'plp' | 'long';

/** How the bytes of text read: UCS-2, the code page of the database's collation, or UTF-8. */
export type TextEncoding = 'utf16le' | 'windows-1252' | 'utf-8';

/** A type together with the form in which its values travel. */
export interface WireType {
  readonly type: SqlType;
  readonly form: ValueForm;
  /** Bytes of a `fixed` value. */
  readonly bytes: number;
  readonly encoding: TextEncoding;
}

/** SQL_Latin1_General_CP1_CI_AS: code page 1252, case-insensitive. The default of SQL Server and Azure SQL Database. */
export const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

const MAX_LENGTH = 0xffff;

type TypeName = SqlType['name'];

/** Types with one length and no null. Older clients declare them for parameters. */
const FIXED: Readonly<Record<number, readonly [TypeName, number]>> = {
  48: ['tinyint', 1],
  50: ['bit', 1],
  52: ['smallint', 2],
  56: ['int', 4],
  58: ['smalldatetime', 4],
  59: ['real', 4],
  60: ['money', 8],
  61: ['datetime', 8],
  62: ['float', 8],
  122: ['smallmoney', 4],
  127: ['bigint', 8],
};

/** Nullable types whose declared length says which one it is. */
const BY_LENGTH: Readonly<Record<number, Readonly<Record<number, TypeName>>>> = {
  36: { 16: 'uniqueidentifier' },
  38: { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' },
  104: { 1: 'bit' },
  109: { 4: 'real', 8: 'float' },
  110: { 4: 'smallmoney', 8: 'money' },
  111: { 4: 'smalldatetime', 8: 'datetime' },
};

const SCALED: Readonly<Record<number, TypeName>> = { 41: 'time', 42: 'datetime2', 43: 'datetimeoffset' };
const EXACT: Readonly<Record<number, TypeName>> = {
  55: 'decimal',
  63: 'numeric',
  106: 'decimal',
  108: 'numeric',
};
const SHORT: Readonly<Record<number, TypeName>> = {
  165: 'varbinary',
  167: 'varchar',
  173: 'binary',
  175: 'char',
  231: 'nvarchar',
  239: 'nchar',
};
const LONG: Readonly<Record<number, TypeName>> = { 34: 'image', 35: 'text', 99: 'ntext' };

/**
 * Reads a TYPE_INFO.
 *
 * @throws UnsupportedError on a type that exists but is not supported (sql_variant, user-defined and table types)
 * @throws ProtocolError on anything else
 */
export function readTypeInfo(reader: ByteReader): WireType {
  const id = reader.u8();
  const fixed = FIXED[id];
  if (fixed !== undefined) return { type: { name: fixed[0] }, form: 'fixed', bytes: fixed[1], encoding: 'utf16le' };

  const byLength = BY_LENGTH[id];
  if (byLength !== undefined) {
    const length = reader.u8();
    const name = byLength[length];
    if (name === undefined) throw new ProtocolError(`type 0x${id.toString(16)} cannot be ${length} bytes long`);
    return byteForm({ name });
  }
  if (id === 0x28) return byteForm({ name: 'date' });

  const scaled = SCALED[id];
  if (scaled !== undefined) return byteForm({ name: scaled, scale: within(reader.u8(), 0, 7, 'scale') });

  const exact = EXACT[id];
  if (exact !== undefined) {
    reader.u8();
    const precision = within(reader.u8(), 1, 38, 'precision');
    return byteForm({ name: exact, precision, scale: within(reader.u8(), 0, precision, 'scale') });
  }

  const short = SHORT[id];
  if (short !== undefined) {
    const bytes = reader.u16();
    const encoding = readEncoding(reader, short);
    if (bytes === MAX_LENGTH) return { type: { name: short, length: -1 }, form: 'plp', bytes: 0, encoding };
    const length = encoding === 'utf16le' && isText(short) ? bytes / 2 : bytes;
    return { type: { name: short, length }, form: 'short', bytes: 0, encoding };
  }

  const long = LONG[id];
  if (long !== undefined) {
    reader.u32();
    return { type: { name: long }, form: 'long', bytes: 0, encoding: readEncoding(reader, long) };
  }
  if (id === 0xf1) {
    if (reader.u8() === 1) {
      reader.shortText();
      reader.shortText();
      reader.longText();
    }
    return { type: { name: 'xml', length: -1 }, form: 'plp', bytes: 0, encoding: 'utf16le' };
  }
  const unsupported = { 98: 'sql_variant', 240: 'user-defined', 243: 'table' }[id];
  if (unsupported !== undefined) throw new UnsupportedError(`values of ${unsupported} types`);
  throw new ProtocolError(`unknown type 0x${id.toString(16)}`);
}

function byteForm(type: SqlType): WireType {
  return { type, form: 'byte', bytes: 0, encoding: 'utf16le' };
}

function within(value: number, low: number, high: number, what: string): number {
  if (value < low || value > high) throw new ProtocolError(`${what} ${value} is outside ${low} to ${high}`);
  return value;
}

function isText(name: TypeName): boolean {
  return name.endsWith('char') || name.endsWith('text');
}

/** Bit 26 of a collation marks UTF-8 (MS-TDS 2.2.5.1.2); all other single-byte text is taken for code page 1252. */
function readEncoding(reader: ByteReader, name: TypeName): TextEncoding {
  if (!isText(name)) return 'utf16le';
  const collation = reader.u32();
  reader.u8();
  if (name.startsWith('n')) return 'utf16le';
  return (collation & (1 << 26)) !== 0 ? 'utf-8' : 'windows-1252';
}

/** Bytes of a decimal's sign and magnitude (MS-TDS 2.2.5.5.1.6). */
export function decimalBytes(precision: number): 5 | 9 | 13 | 17 {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}

/** Bytes of a time of day in units of 10^-scale seconds (MS-TDS 2.2.5.5.1.8). */
export function timeBytes(scale: number): 3 | 4 | 5 {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

/** Precision of a decimal declared without one. */
export const DEFAULT_PRECISION = 18;
/** Digits after the second of a time declared without a scale. */
export const DEFAULT_TIME_SCALE = 7;

/**
 * The form in which this server sends a column or output value. `char` and `varchar` travel in the collation's code page, as
 * from the service, so characters outside Windows-1252 arrive as `?`. Text without a length travels as (max).
 */
export function wireTypeOf(type: SqlType): WireType {
  const encoding: TextEncoding = ['char', 'varchar', 'text'].includes(type.name) ? 'windows-1252' : 'utf16le';
  return { type, form: formOf(type), bytes: 0, encoding };
}

function formOf(type: SqlType): ValueForm {
  switch (type.name) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return declaredBytes(type) === MAX_LENGTH ? 'plp' : 'short';
    case 'rowversion':
      return 'short';
    case 'text':
    case 'ntext':
    case 'image':
      return 'long';
    case 'xml':
      return 'plp';
    default:
      return 'byte';
  }
}

/** The declared size of text and binary columns in bytes, 0xFFFF for (max). */
export function declaredBytes(type: SqlType): number {
  const length = type.length ?? -1;
  const bytes = type.name === 'nchar' || type.name === 'nvarchar' ? length * 2 : length;
  return length < 0 || bytes > 8000 ? MAX_LENGTH : Math.max(bytes, 1);
}

const SHORT_IDS: ReadonlyMap<TypeName, number> = new Map(Object.entries(SHORT).map(([id, name]) => [name, Number(id)]));

/** Types whose TYPE_INFO is always the same bytes. */
const PLAIN: Partial<Record<TypeName, readonly number[]>> = {
  bit: [0x68, 1],
  tinyint: [0x26, 1],
  smallint: [0x26, 2],
  int: [0x26, 4],
  bigint: [0x26, 8],
  real: [0x6d, 4],
  float: [0x6d, 8],
  smallmoney: [0x6e, 4],
  money: [0x6e, 8],
  smalldatetime: [0x6f, 4],
  datetime: [0x6f, 8],
  uniqueidentifier: [0x24, 16],
  date: [0x28],
  rowversion: [0xad, 8, 0],
  image: [0x22, 0xff, 0xff, 0xff, 0x7f],
  text: [0x23, 0xff, 0xff, 0xff, 0x7f, ...COLLATION],
  ntext: [0x63, 0xfe, 0xff, 0xff, 0x7f, ...COLLATION],
  xml: [0xf1, 0],
};

/** Writes the TYPE_INFO of `wireTypeOf(type)`. */
export function writeTypeInfo(writer: ByteWriter, type: SqlType): void {
  switch (type.name) {
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      writer.u8({ time: 0x29, datetime2: 0x2a, datetimeoffset: 0x2b }[type.name]);
      writer.u8(type.scale ?? DEFAULT_TIME_SCALE);
      return;
    case 'decimal':
    case 'numeric': {
      const precision = type.precision ?? DEFAULT_PRECISION;
      writer.u8(type.name === 'decimal' ? 0x6a : 0x6c);
      writer
        .u8(decimalBytes(precision))
        .u8(precision)
        .u8(type.scale ?? 0);
      return;
    }
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      writer.u8(shortTypeId(type)).u16(declaredBytes(type)).raw(COLLATION);
      return;
    case 'binary':
    case 'varbinary':
      writer.u8(shortTypeId(type)).u16(declaredBytes(type));
      return;
    default:
      writer.raw(Uint8Array.from(PLAIN[type.name] ?? []));
  }
}

/** Fixed-length types have no (max): beyond a row's 8,000 bytes they travel as their varying kin. */
function shortTypeId(type: SqlType): number {
  const isMax = declaredBytes(type) === MAX_LENGTH;
  const name = isMax ? type.name.replace(/^(n?)(char|binary)$/, '$1var$2') : type.name;
  return SHORT_IDS.get(name as TypeName) as number;
}
