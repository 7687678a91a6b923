/** Operators between typed operands: the places where T-SQL and DuckDB disagree about what a sign means. */
import type { SqlType } from '../session.ts';
import { convert } from './conversions.ts';
import { bigintType, bitType, type Fragment, fragment, intType } from './fragment.ts';
import {
  arithmeticType,
  commonType,
  isBinary,
  isDateTime,
  isDecimal,
  isFixedString,
  isInteger,
  isNumber,
  isString,
  storageType,
} from './types.ts';

/** `+ - * / % & | ^` */
export function arithmetic(operator: string, left: Fragment, right: Fragment): Fragment {
  if (operator === '+' && joinsText(left, right)) return concatenate(left, right);
  if (isDateTime(left.type) || isDateTime(right.type)) return shiftDate(operator, left, right);
  const a = asNumber(left, right.type);
  const b = asNumber(right, left.type);
  const type = a.type && b.type ? arithmeticType(operator, a.type, b.type) : (a.type ?? b.type);
  const x = widened(a, type);
  const y = widened(b, type);
  if (operator === '^') return fragment(`xor(${x}, ${y})`, type);
  if (operator !== '/' && operator !== '%') return fragment(`(${x} ${operator} ${y})`, type);
  const divisor = /^[1-9]\d*$/.test(y) ? y : `tsql.divisor(${y})`;
  // DuckDB divides decimals as doubles; the declared type brings them back.
  const quotient = `(${x} ${operator} ${divisor})`;
  return operator === '/' && type && isDecimal(type)
    ? fragment(`CAST(${quotient} AS ${storageType(type)})`, type)
    : fragment(quotient, type);
}

function joinsText(left: Fragment, right: Fragment): boolean {
  const texts = [left, right].filter(each => isString(each.type)).length;
  return texts === 2 || (texts === 1 && (left.type === undefined || right.type === undefined));
}

function concatenate(left: Fragment, right: Fragment): Fragment {
  const type = commonType([left.type, right.type]);
  const total = (left.type?.length ?? 1) + (right.type?.length ?? 1);
  const max = left.type?.length === -1 || right.type?.length === -1;
  const base = type?.name.startsWith('n') ? 'nvarchar' : 'varchar';
  const limit = base === 'nvarchar' ? 4000 : 8000;
  return fragment(`(${left.sql} || ${right.sql})`, { name: base, length: max ? -1 : Math.min(total, limit) });
}

/** Text beside a number becomes that kind of number: `'5' + 1` is 6. */
function asNumber(value: Fragment, other: SqlType | undefined): Fragment {
  return isString(value.type) && isNumber(other) ? convert(value, other as SqlType) : value;
}

/** DuckDB adds two UTINYINTs as UTINYINT and fits literals to the column; T-SQL calculates in the wider of the two types. */
function widened(value: Fragment, type: SqlType | undefined): string {
  if (!type || !isInteger(type) || !value.type || value.type.name === type.name) return value.sql;
  return `CAST(${value.sql} AS ${storageType(type)})`;
}

/** `datetime + 1` is a day later; `datetime - datetime` is not in use anywhere near data pipelines. */
function shiftDate(operator: string, left: Fragment, right: Fragment): Fragment {
  const [date, days] = isDateTime(left.type) ? [left, right] : [right, left];
  return fragment(`(CAST(${date.sql} AS TIMESTAMP) ${operator} to_days(CAST(${days.sql} AS INTEGER)))`, {
    name: 'datetime',
  });
}

/** `= <> < > <= >=` */
export function compare(operator: string, left: Fragment, right: Fragment): Fragment {
  const sign = { '!=': '<>', '!<': '>=', '!>': '<=' }[operator] ?? operator;
  const [a, b] = comparable(left, right);
  return fragment(`(${a} ${sign} ${b})`, bitType);
}

/**
 * Brings both sides to one type the way T-SQL does: the type of higher precedence wins, and text always yields. Padding of
 * char columns does not count.
 */
export function comparable(left: Fragment, right: Fragment): [string, string] {
  const a = left.type;
  const b = right.type;
  if (isString(a) && isString(b)) {
    return isFixedString(a) || isFixedString(b) ? [trimmed(left), trimmed(right)] : [left.sql, right.sql];
  }
  if (a?.name === 'bit' && isNumber(b) && b?.name !== 'bit') return [left.sql, asBit(left, right)];
  if (b?.name === 'bit' && isNumber(a) && a?.name !== 'bit') return [asBit(right, left), right.sql];
  if (isString(a) && b) return [convert(left, soften(b)).sql, right.sql];
  if (isString(b) && a) return [left.sql, convert(right, soften(a)).sql];
  if (isBinary(a) && isInteger(b)) return [convert(left, bigintType).sql, right.sql];
  if (isBinary(b) && isInteger(a)) return [left.sql, convert(right, bigintType).sql];
  return [left.sql, right.sql];
}

/** A point in time written as text keeps all its digits when it meets a column of fewer. */
function soften(type: SqlType): SqlType {
  return type.name === 'datetime2' || type.name === 'datetime'
    ? { name: 'datetime2', scale: type.scale === 7 ? 7 : 6 }
    : type;
}

function trimmed(value: Fragment): string {
  return value.literal === undefined ? `rtrim(${value.sql}, ' ')` : value.sql.replace(/ +'$/, "'");
}

/** `flag = 1` stays a comparison of booleans, which DuckDB pushes into the scan. */
function asBit(bit: Fragment, number: Fragment): string {
  if (number.sql === '0') return 'false';
  if (number.sql === '1') return 'true';
  return `(CASE CAST(${number.sql} AS INTEGER) WHEN 0 THEN false WHEN 1 THEN true WHEN NULL THEN ${bit.sql} END)`;
}

/** LIKE without regard to case. Patterns with `[a-z]` become regular expressions; only literal ones can. */
export function like(value: Fragment, pattern: Fragment, escapeBy: Fragment | undefined, negated: boolean): Fragment {
  const not = negated ? 'NOT ' : '';
  const text = convert(value, { name: 'nvarchar', length: -1 }).sql;
  if (pattern.literal?.includes('[')) {
    const regex = likeToRegex(pattern.literal, escapeBy?.literal);
    return fragment(`(${not}regexp_full_match(${text}, '${regex.replaceAll("'", "''")}', 'is'))`, bitType);
  }
  const clause = escapeBy ? ` ESCAPE ${escapeBy.sql}` : '';
  return fragment(`(${text} ${not}ILIKE ${pattern.sql}${clause})`, bitType);
}

/** A LIKE pattern as a regular expression for the whole value. */
export function likeToRegex(pattern: string, escapeBy: string | undefined): string {
  let regex = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    if (character === escapeBy) {
      at += 1;
      regex += escapeRegex(pattern[at] ?? '');
    } else if (character === '%') regex += '.*';
    else if (character === '_') regex += '.';
    else if (character === '[' && pattern.indexOf(']', at + 2) > 0) {
      const close = pattern.indexOf(']', at + 2);
      const set = pattern.slice(at + 1, close);
      regex += `[${set.startsWith('^') ? '^' : ''}${set.replace(/^\^/, '').replace(/[\\[\]^]/g, '\\$&')}]`;
      at = close;
    } else regex += escapeRegex(character);
  }
  return regex;
}

function escapeRegex(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `-x`, `+x`, `~x` */
export function unary(operator: string, operand: Fragment): Fragment {
  if (operator === '+') return operand;
  const type =
    operand.type?.name === 'tinyint' && operator === '-' ? { ...intType, name: 'smallint' as const } : operand.type;
  const sql = type === operand.type ? operand.sql : `CAST(${operand.sql} AS SMALLINT)`;
  return fragment(`(${operator}${sql})`, type);
}
