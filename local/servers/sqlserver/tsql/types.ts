/** Declared types: how T-SQL spells them, and which DuckDB type holds their values. */
import type { SqlType } from '../session.ts';
import type { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';

type TypeName = SqlType['name'];

/** Other spellings. `timestamp` is the old name of rowversion, not a point in time. */
const synonyms: Readonly<Record<string, TypeName>> = {
  integer: 'int',
  dec: 'decimal',
  character: 'char',
  timestamp: 'rowversion',
};

const plainStorage: Readonly<Partial<Record<TypeName, string>>> = {
  bit: 'BOOLEAN',
  tinyint: 'UTINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  bigint: 'BIGINT',
  real: 'FLOAT',
  money: 'DECIMAL(19,4)',
  smallmoney: 'DECIMAL(10,4)',
  binary: 'BLOB',
  varbinary: 'BLOB',
  image: 'BLOB',
  rowversion: 'BLOB',
  uniqueidentifier: 'UUID',
  date: 'DATE',
  time: 'TIME',
  datetime: 'TIMESTAMP',
  smalldatetime: 'TIMESTAMP',
  datetimeoffset: 'TIMESTAMPTZ',
};

const stringTypes: ReadonlySet<string> = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'text', 'ntext', 'xml']);
const names: ReadonlySet<string> = new Set([
  ...Object.keys(plainStorage),
  ...stringTypes,
  'decimal',
  'numeric',
  'float',
  'datetime2',
]);

/** Reads `decimal(10, 2)`, `nvarchar(max)`, `[int]`, `sysname`, … @throws SqlError 2715 on an unknown type */
export function parseType(cursor: Cursor): SqlType {
  const line = cursor.line;
  const parts = cursor.multiPartName();
  const written = (parts.at(-1) ?? '').toLowerCase();
  if (written === 'sysname') return { name: 'nvarchar', length: 128 };
  if (written === 'double') cursor.takeWords('PRECISION');
  const spelled = written === 'double' ? 'float' : (synonyms[written] ?? written);
  const varying = cursor.takeWords('VARYING') && spelled === 'char' ? 'varchar' : spelled;
  if (!isTypeName(varying)) throw sqlError(2715, line, '1', written);
  const sizes = cursor.atSymbol('(') ? readSizes(cursor.parenthesized()) : [];
  return typeOf(varying, sizes);
}

function isTypeName(name: string): name is TypeName {
  return names.has(name);
}

function readSizes(inside: Cursor): number[] {
  return inside.list(() => {
    if (inside.takeWords('MAX')) return -1;
    const token = inside.next();
    if (token.kind !== 'number') throw inside.syntaxError();
    return Number(token.value);
  });
}

/** The type with the defaults T-SQL gives to what is left out (documentation: "Data types"). */
function typeOf(name: TypeName, [first, second]: readonly number[]): SqlType {
  if (name === 'decimal' || name === 'numeric') return { name, precision: first ?? 18, scale: second ?? 0 };
  if (name === 'float') return (first ?? 53) <= 24 ? { name: 'real' } : { name };
  if (name === 'datetime2' || name === 'time' || name === 'datetimeoffset') return { name, scale: first ?? 7 };
  if (name === 'text' || name === 'ntext' || name === 'xml' || name === 'image') return { name, length: -1 };
  if (name === 'rowversion') return { name, length: 8 };
  if (isString({ name }) || name === 'binary' || name === 'varbinary') return { name, length: first ?? 1 };
  return { name };
}

/** The DuckDB type that holds values of this type. datetime2 needs nanoseconds only when it has a seventh digit. */
export function storageType(type: SqlType): string {
  if (type.name === 'decimal' || type.name === 'numeric') return `DECIMAL(${type.precision ?? 18},${type.scale ?? 0})`;
  if (type.name === 'float') return 'DOUBLE';
  if (type.name === 'datetime2') return (type.scale ?? 7) > 6 ? 'TIMESTAMP_NS' : 'TIMESTAMP';
  return plainStorage[type.name] ?? 'VARCHAR';
}

/** As one would write it: `decimal(10,2)`, `nvarchar(max)`. */
export function typeText(type: SqlType): string {
  if (type.name === 'decimal' || type.name === 'numeric')
    return `${type.name}(${type.precision ?? 18},${type.scale ?? 0})`;
  if (type.name === 'datetime2' || type.name === 'time' || type.name === 'datetimeoffset') {
    return `${type.name}(${type.scale ?? 7})`;
  }
  if (type.name === 'binary' || type.name === 'varbinary' || (isString(type) && !isLegacyText(type))) {
    return `${type.name}(${type.length === -1 ? 'max' : (type.length ?? 1)})`;
  }
  return type.name;
}

function isLegacyText(type: SqlType): boolean {
  return type.name === 'text' || type.name === 'ntext' || type.name === 'xml';
}

export function isString(type: SqlType | undefined): boolean {
  return type !== undefined && stringTypes.has(type.name);
}

/** char and nchar, which carry padding. */
export function isFixedString(type: SqlType | undefined): boolean {
  return type?.name === 'char' || type?.name === 'nchar';
}

/** From narrow to wide; the position is the rank. */
const integers: readonly string[] = ['bit', 'tinyint', 'smallint', 'int', 'bigint'];

/** bit counts as the narrowest integer, as in T-SQL's precedence. */
export function isInteger(type: SqlType | undefined): boolean {
  return type !== undefined && integers.includes(type.name);
}

export function isDecimal(type: SqlType | undefined): boolean {
  return type?.name === 'decimal' || type?.name === 'numeric' || type?.name === 'money' || type?.name === 'smallmoney';
}

export function isFloat(type: SqlType | undefined): boolean {
  return type?.name === 'float' || type?.name === 'real';
}

export function isNumber(type: SqlType | undefined): boolean {
  return isInteger(type) || isDecimal(type) || isFloat(type);
}

/** date, datetime and their like; not time. */
export function isDateTime(type: SqlType | undefined): boolean {
  return type !== undefined && ['date', 'datetime', 'smalldatetime', 'datetime2', 'datetimeoffset'].includes(type.name);
}

export function isBinary(type: SqlType | undefined): boolean {
  return type !== undefined && ['binary', 'varbinary', 'image', 'rowversion'].includes(type.name);
}

/** Precision and scale of a number that is exact; an integer has no decimals. */
export function decimalShape(type: SqlType): { precision: number; scale: number } {
  if (type.name === 'money') return { precision: 19, scale: 4 };
  if (type.name === 'smallmoney') return { precision: 10, scale: 4 };
  const digits: Readonly<Record<string, number>> = { bit: 1, tinyint: 3, smallint: 5, int: 10, bigint: 19 };
  return { precision: type.precision ?? digits[type.name] ?? 18, scale: type.scale ?? 0 };
}

/** A decimal type within SQL Server's 38 digits: what is too much goes off the scale, down to six decimals. */
function boundedDecimal(precision: number, scale: number): SqlType {
  if (precision <= 38) return { name: 'decimal', precision, scale };
  const kept = Math.max(Math.min(scale, 6), scale - (precision - 38));
  return { name: 'decimal', precision: 38, scale: kept };
}

/** The type of `left operator right` for numbers (documentation: "Precision, scale, and length"). */
export function arithmeticType(operator: string, left: SqlType, right: SqlType): SqlType {
  if (isFloat(left) || isFloat(right)) return { name: 'float' };
  if (isInteger(left) && isInteger(right)) return widerInteger(left, right);
  if (left.name === 'money' || right.name === 'money') return { name: 'money' };
  const { precision: p1, scale: s1 } = decimalShape(left);
  const { precision: p2, scale: s2 } = decimalShape(right);
  if (operator === '*') return boundedDecimal(p1 + p2 + 1, s1 + s2);
  if (operator === '/') {
    const scale = Math.max(6, s1 + p2 + 1);
    return boundedDecimal(p1 - s1 + s2 + scale, scale);
  }
  const scale = Math.max(s1, s2);
  const whole = operator === '%' ? Math.min(p1 - s1, p2 - s2) : Math.max(p1 - s1, p2 - s2) + 1;
  return boundedDecimal(whole + scale, scale);
}

function widerInteger(left: SqlType, right: SqlType): SqlType {
  return integers.indexOf(left.name) >= integers.indexOf(right.name) ? left : right;
}

/** The one type of several branches (CASE, COALESCE, UNION), after T-SQL's data type precedence; undefined when not known. */
export function commonType(types: readonly (SqlType | undefined)[]): SqlType | undefined {
  const known = types.filter(type => type !== undefined);
  return known.length === 0 ? undefined : known.reduce(commonOfTwo);
}

function commonOfTwo(left: SqlType, right: SqlType): SqlType {
  if (isString(left) && isString(right)) return longerString(left, right);
  if (isString(left)) return right;
  if (isString(right)) return left;
  if (isNumber(left) && isNumber(right)) {
    if (isFloat(left) || isFloat(right)) return { name: 'float' };
    if (isInteger(left) && isInteger(right)) return widerInteger(left, right);
    if (left.name === 'money' || right.name === 'money') return { name: 'money' };
    const a = decimalShape(left);
    const b = decimalShape(right);
    const scale = Math.max(a.scale, b.scale);
    return boundedDecimal(Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale);
  }
  if (isDateTime(left) && isDateTime(right)) return laterDateTime(left, right);
  return left;
}

function longerString(left: SqlType, right: SqlType): SqlType {
  const national = left.name.startsWith('n') || right.name.startsWith('n');
  const length = left.length === -1 || right.length === -1 ? -1 : Math.max(left.length ?? 1, right.length ?? 1);
  const fixed = isFixedString(left) && isFixedString(right) && left.length === right.length;
  const base = fixed ? 'char' : 'varchar';
  return { name: national ? `n${base}` : base, length };
}

function laterDateTime(left: SqlType, right: SqlType): SqlType {
  const order = ['date', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset'];
  const [winner, other] = order.indexOf(left.name) >= order.indexOf(right.name) ? [left, right] : [right, left];
  return winner.name === other.name && (other.scale ?? 0) > (winner.scale ?? 0) ? other : winner;
}
