/** Function calls. Plain functions are rows of tables; what has a grammar of its own (CAST, DATEADD, OVER) is read here. */
import type { SqlType } from '../session.ts';
import { translateAggregate } from './aggregates.ts';
import { convert } from './conversions.ts';
import type { Cursor } from './cursor.ts';
import { dateAdd, dateDiff, dateName, datePart, dateTrunc, endOfMonth, readDatepart } from './dates.ts';
import { sqlError } from './errors.ts';
import { harmonized, translateExpression } from './expressions.ts';
import { type Fragment, fragment, intType, nvarchar } from './fragment.ts';
import { likeToRegex } from './operators.ts';
import { quoteText } from './quoting.ts';
import type { Scope } from './scope.ts';
import { sessionFunction } from './session-functions.ts';
import { commonType, isDecimal, isInteger, isString, parseType, storageType } from './types.ts';

/**
 * Translates a call whose name was just read.
 *
 * @param inside the argument list, undefined for a function called without parentheses
 * @param after where OVER and WITHIN GROUP would follow
 * @throws SqlError 195 when there is no such function
 */
export function translateCall(name: string, inside: Cursor | undefined, after: Cursor, scope: Scope): Fragment {
  const line = after.line;
  const own = sessionFunction(name, inside, scope);
  if (own) return own;
  if (!inside) throw sqlError(195, line, name);
  const special = specialCalls[name];
  if (special) {
    const result = special(inside, scope);
    inside.expectEnd();
    return result;
  }
  const aggregate = translateAggregate(name, inside, after, scope);
  if (aggregate) return aggregate;
  const values = inside.done ? [] : inside.list(() => translateExpression(inside, scope));
  inside.expectEnd();
  const plain = plainFunctions[name];
  if (!plain) throw sqlError(195, line, name);
  return plain(values);
}

type SpecialCall = (inside: Cursor, scope: Scope) => Fragment;

const specialCalls: Readonly<Record<string, SpecialCall>> = {
  CAST: (inside, scope) => cast(inside, scope, false),
  TRY_CAST: (inside, scope) => cast(inside, scope, true),
  CONVERT: (inside, scope) => convertCall(inside, scope, false),
  TRY_CONVERT: (inside, scope) => convertCall(inside, scope, true),
  DATEADD: (inside, scope) => {
    const part = firstArgument(inside);
    const amount = translateExpression(inside, scope);
    inside.expectSymbol(',');
    return dateAdd(part, amount, translateExpression(inside, scope));
  },
  DATEDIFF: (inside, scope) => dateDiffCall(inside, scope, false),
  DATEDIFF_BIG: (inside, scope) => dateDiffCall(inside, scope, true),
  DATEPART: (inside, scope) => datePart(firstArgument(inside), translateExpression(inside, scope)),
  DATENAME: (inside, scope) => dateName(firstArgument(inside), translateExpression(inside, scope)),
  DATETRUNC: (inside, scope) => dateTrunc(firstArgument(inside), translateExpression(inside, scope)),
  IIF: (inside, scope) => {
    const condition = translateExpression(inside, scope);
    inside.expectSymbol(',');
    const [yes, no] = inside.list(() => translateExpression(inside, scope));
    if (!yes || !no) throw inside.syntaxError();
    const type = commonType([yes.type, no.type]);
    return fragment(
      `(CASE WHEN ${condition.sql} THEN ${harmonized(yes, type)} ELSE ${harmonized(no, type)} END)`,
      type,
    );
  },
  TRIM: (inside, scope) => {
    const first = translateExpression(inside, scope);
    if (!inside.takeWords('FROM')) return fragment(`trim(${first.sql})`, first.type);
    const value = translateExpression(inside, scope);
    return fragment(`trim(${value.sql}, ${first.sql})`, value.type);
  },
};

function firstArgument(inside: Cursor): string {
  const part = readDatepart(inside);
  inside.expectSymbol(',');
  return part;
}

function dateDiffCall(inside: Cursor, scope: Scope, big: boolean): Fragment {
  const part = firstArgument(inside);
  const from = translateExpression(inside, scope);
  inside.expectSymbol(',');
  return dateDiff(part, from, translateExpression(inside, scope), big);
}

function cast(inside: Cursor, scope: Scope, lenient: boolean): Fragment {
  const value = translateExpression(inside, scope);
  inside.expectWords('AS');
  return converted(value, defaultLength(parseType(inside), inside), undefined, lenient);
}

function convertCall(inside: Cursor, scope: Scope, lenient: boolean): Fragment {
  const type = defaultLength(parseType(inside), inside);
  inside.expectSymbol(',');
  const value = translateExpression(inside, scope);
  const style = inside.takeSymbol(',') ? Number(inside.next().value) : undefined;
  return converted(value, type, style, lenient);
}

/** In CAST and CONVERT alone, `varchar` without a length means thirty characters. */
function defaultLength(type: SqlType, inside: Cursor): SqlType {
  const sized = inside.tokens[inside.position - 1]?.value === ')';
  return !sized && (isString(type) || type.name === 'varbinary') && type.length === 1 ? { ...type, length: 30 } : type;
}

function converted(value: Fragment, type: SqlType, style: number | undefined, lenient: boolean): Fragment {
  const result = convert(value, type, style);
  if (!lenient) return result;
  return fragment(`TRY(${result.sql})`, type);
}

type PlainFunction = (values: readonly Fragment[]) => Fragment;

const argument = (values: readonly Fragment[], index: number): string => {
  const value = values[index];
  if (!value) throw sqlError(174, undefined);
  return value.sql;
};
/** Calls DuckDB's function of that name, with a result of this type. */
const direct =
  (name: string, type: SqlType | undefined): PlainFunction =>
  values =>
    fragment(`${name}(${values.map(value => value.sql).join(', ')})`, type);
/** The result has the type of the first argument. */
const likeFirst =
  (name: string): PlainFunction =>
  values =>
    fragment(`${name}(${values.map(value => value.sql).join(', ')})`, values[0]?.type);
const text = (value: Fragment | undefined): string => (value ? convert(value, nvarchar(-1)).sql : "''");
const asInt = (sql: string): Fragment => fragment(`CAST(${sql} AS INTEGER)`, intType);
const float: SqlType = { name: 'float' };

function coalesce(values: readonly Fragment[], type: SqlType | undefined): Fragment {
  return fragment(`coalesce(${values.map(value => harmonized(value, type)).join(', ')})`, type);
}

const plainFunctions: Readonly<Record<string, PlainFunction>> = {
  ISNULL: values => coalesce(values, values[0]?.type ?? values[1]?.type),
  COALESCE: values => coalesce(values, commonType(values.map(value => value.type))),
  NULLIF: likeFirst('nullif'),
  GREATEST: values =>
    fragment(`greatest(${values.map(value => value.sql).join(', ')})`, commonType(values.map(v => v.type))),
  LEAST: values => fragment(`least(${values.map(value => value.sql).join(', ')})`, commonType(values.map(v => v.type))),
  CHOOSE: values => {
    const type = commonType(values.slice(1).map(value => value.type));
    return fragment(
      `([${values
        .slice(1)
        .map(value => harmonized(value, type))
        .join(', ')}])[${argument(values, 0)}]`,
      type,
    );
  },
  // Length in UTF-16 code units, trailing spaces aside; DATALENGTH in bytes.
  LEN: values => asInt(`tsql.utf16_length(rtrim(${text(values[0])}, ' '))`),
  DATALENGTH: values =>
    isString(values[0]?.type)
      ? asInt(`tsql.utf16_length(${argument(values, 0)})${values[0]?.type?.name.startsWith('n') ? ' * 2' : ''}`)
      : asInt(`octet_length(CAST(${argument(values, 0)} AS BLOB))`),
  UPPER: likeFirst('upper'),
  LOWER: likeFirst('lower'),
  LTRIM: likeFirst('ltrim'),
  RTRIM: likeFirst('rtrim'),
  REVERSE: likeFirst('reverse'),
  LEFT: values => fragment(`left(${text(values[0])}, ${argument(values, 1)})`, nvarchar(4000)),
  RIGHT: values => fragment(`right(${text(values[0])}, ${argument(values, 1)})`, nvarchar(4000)),
  SUBSTRING: values =>
    fragment(`tsql.substring(${text(values[0])}, ${argument(values, 1)}, ${argument(values, 2)})`, nvarchar(4000)),
  REPLACE: values => fragment(`tsql.replace(${values.map(text).join(', ')})`, nvarchar(4000)),
  REPLICATE: values => fragment(`repeat(${text(values[0])}, ${argument(values, 1)})`, nvarchar(4000)),
  SPACE: values => fragment(`repeat(' ', ${argument(values, 0)})`, nvarchar(4000)),
  STUFF: values => {
    const [start, length] = [argument(values, 1), argument(values, 2)];
    const value = text(values[0]);
    return fragment(
      `(left(${value}, ${start} - 1) || ${text(values[3])} || substr(${value}, ${start} + ${length}))`,
      nvarchar(4000),
    );
  },
  CHARINDEX: values =>
    values[2]
      ? asInt(`tsql.charindex(${text(values[0])}, ${text(values[1])}, ${values[2].sql})`)
      : asInt(`instr(lower(${text(values[1])}), lower(${text(values[0])}))`),
  PATINDEX: values => {
    const pattern = (values[0]?.literal ?? '').replace(/^%/, '').replace(/%$/, '');
    const anchored = values[0]?.literal?.startsWith('%') === false ? '^' : '';
    const regex = quoteText(`(?i)${anchored}${likeToRegex(pattern, undefined)}`);
    const value = text(values[1]);
    return asInt(
      `CASE WHEN regexp_matches(${value}, ${regex}) THEN instr(${value}, regexp_extract(${value}, ${regex})) ELSE 0 END`,
    );
  },
  CONCAT: values => fragment(`concat(${values.map(text).join(', ')})`, nvarchar(4000)),
  CONCAT_WS: values => fragment(`concat_ws(${values.map(text).join(', ')})`, nvarchar(4000)),
  STR: values =>
    fragment(
      `lpad(CAST(CAST(round(${argument(values, 0)}) AS BIGINT) AS VARCHAR), ${values[1]?.sql ?? '10'}, ' ')`,
      nvarchar(20),
    ),
  QUOTENAME: values => fragment(`('[' || replace(${text(values[0])}, ']', ']]') || ']')`, nvarchar(258)),
  CHAR: direct('chr', { name: 'char', length: 1 }),
  NCHAR: direct('chr', { name: 'nchar', length: 1 }),
  ASCII: values => asInt(`ascii(${text(values[0])})`),
  UNICODE: values => asInt(`unicode(${text(values[0])})`),
  TRANSLATE: direct('translate', nvarchar(4000)),
  FORMAT: formatted,
  ISNUMERIC: values => asInt(`TRY_CAST(${text(values[0])} AS DOUBLE) IS NOT NULL`),
  ISDATE: values => asInt(`TRY_CAST(${text(values[0])} AS TIMESTAMP) IS NOT NULL`),
  ISJSON: values => asInt(`json_valid(${text(values[0])})`),
  JSON_VALUE: values => fragment(`json_extract_string(${text(values[0])}, ${argument(values, 1)})`, nvarchar(4000)),
  ABS: likeFirst('abs'),
  SIGN: likeFirst('sign'),
  ROUND: values => rounded(values),
  FLOOR: values => whole('floor', values),
  CEILING: values => whole('ceil', values),
  POWER: values =>
    fragment(
      `CAST(pow(${argument(values, 0)}, ${argument(values, 1)}) AS ${storageType(values[0]?.type ?? float)})`,
      values[0]?.type ?? float,
    ),
  SQUARE: values => fragment(`pow(${argument(values, 0)}, 2)`, float),
  SQRT: direct('sqrt', float),
  EXP: direct('exp', float),
  LOG: values =>
    fragment(values[1] ? `(ln(${argument(values, 0)}) / ln(${values[1].sql}))` : `ln(${argument(values, 0)})`, float),
  LOG10: direct('log10', float),
  PI: direct('pi', float),
  RAND: values => fragment(values[0] ? `(hash(${values[0].sql}) / 18446744073709551616.0::DOUBLE)` : 'random()', float),
  NEWID: direct('gen_random_uuid', { name: 'uniqueidentifier' }),
  NEWSEQUENTIALID: direct('uuidv7', { name: 'uniqueidentifier' }),
  YEAR: values => datePart('year', values[0] ?? fragment('NULL')),
  MONTH: values => datePart('month', values[0] ?? fragment('NULL')),
  DAY: values => datePart('day', values[0] ?? fragment('NULL')),
  EOMONTH: values => endOfMonth(values[0] ?? fragment('NULL'), values[1]),
  DATEFROMPARTS: direct('make_date', { name: 'date' }),
  HASHBYTES: values => {
    const algorithm = { SHA2_256: 'sha256', MD5: 'md5', SHA1: 'sha1', SHA: 'sha1' }[
      values[0]?.literal?.toUpperCase() ?? ''
    ];
    if (!algorithm) throw sqlError(195, undefined, `HASHBYTES(${values[0]?.sql ?? ''})`);
    return fragment(`from_hex(${algorithm}(${argument(values, 1)}))`, { name: 'varbinary', length: 8000 });
  },
  CHECKSUM: values => asInt(`tsql.fold(hash(${values.map(value => value.sql).join(', ')}))`),
  BINARY_CHECKSUM: values => asInt(`tsql.fold(hash(${values.map(value => value.sql).join(', ')}))`),
  COMPRESS: likeFirst('encode'),
};

function rounded(values: readonly Fragment[]): Fragment {
  const value = values[0] ?? fragment('NULL');
  const name = values[2] && values[2].sql !== '0' ? 'trunc' : 'round';
  const sql = `${name}(${value.sql}, ${values[1]?.sql ?? '0'})`;
  return value.type ? fragment(`CAST(${sql} AS ${storageType(value.type)})`, value.type) : fragment(sql);
}

function whole(name: string, values: readonly Fragment[]): Fragment {
  const value = values[0] ?? fragment('NULL');
  if (!value.type || isInteger(value.type)) return fragment(`${name}(${value.sql})`, value.type);
  const type = isDecimal(value.type) ? { ...value.type, scale: 0 } : value.type;
  return fragment(`CAST(${name}(${value.sql}) AS ${storageType(type)})`, type);
}

/** FORMAT with the patterns in common use: `N2`, `0000`, and dates by .NET's letters. */
function formatted(values: readonly Fragment[]): Fragment {
  const value = values[0] ?? fragment('NULL');
  const pattern = values[1]?.literal ?? '';
  const digits = /^[NF](\d*)$/i.exec(pattern);
  if (digits) {
    const grouped = pattern.toUpperCase().startsWith('N') ? ',' : '';
    return fragment(`format('{:${grouped}.${digits[1] || '2'}f}', CAST(${value.sql} AS DOUBLE))`, nvarchar(4000));
  }
  if (/^0+$/.test(pattern))
    return fragment(`format('{:0${pattern.length}d}', CAST(${value.sql} AS BIGINT))`, nvarchar(4000));
  const letters = { yyyy: '%Y', yy: '%y', MM: '%m', dd: '%d', HH: '%H', mm: '%M', ss: '%S', fff: '%g' };
  const format = pattern.replace(/yyyy|yy|MM|dd|HH|mm|ss|fff/g, part => letters[part as 'yyyy']);
  return fragment(`strftime(CAST(${value.sql} AS TIMESTAMP), ${quoteText(format)})`, nvarchar(4000));
}
