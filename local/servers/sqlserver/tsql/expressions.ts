/**
 * Expressions and conditions: read by precedence, written as DuckDB SQL, typed on the way. The types decide what `+`, `/`, `=` and
 * a cast mean, which is why this is not a replacement of words.
 */
import type { SqlType } from '../session.ts';
import { convert } from './conversions.ts';
import type { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { bitType, type Fragment, fragment, intType } from './fragment.ts';
import { translateCall } from './functions.ts';
import { arithmetic, comparable, compare, like, unary } from './operators.ts';
import { translateSubquery } from './queries.ts';
import { quoteText } from './quoting.ts';
import { resolveColumn, type Scope } from './scope.ts';
import { commonType, storageType } from './types.ts';

/** Reads one expression or condition. @throws SqlError 102 on syntax, 207/4104 on names, 137 on an undeclared variable */
export function translateExpression(cursor: Cursor, scope: Scope): Fragment {
  let left = conjunction(cursor, scope);
  while (cursor.takeWords('OR')) left = fragment(`(${left.sql} OR ${conjunction(cursor, scope).sql})`, bitType);
  return left;
}

function conjunction(cursor: Cursor, scope: Scope): Fragment {
  let left = negation(cursor, scope);
  while (cursor.takeWords('AND')) left = fragment(`(${left.sql} AND ${negation(cursor, scope).sql})`, bitType);
  return left;
}

function negation(cursor: Cursor, scope: Scope): Fragment {
  if (cursor.takeWords('NOT')) return fragment(`(NOT ${negation(cursor, scope).sql})`, bitType);
  return predicate(cursor, scope);
}

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '>', '<=', '>=', '!<', '!>']);

function predicate(cursor: Cursor, scope: Scope): Fragment {
  const left = sum(cursor, scope);
  const token = cursor.peek();
  if (token.kind === 'symbol' && comparisons.has(token.value)) {
    cursor.next();
    if (cursor.atWords('ALL') || cursor.atWords('ANY') || cursor.atWords('SOME')) {
      const quantifier = cursor.next().value === 'ALL' ? 'ALL' : 'ANY';
      const subquery = translateSubquery(cursor.parenthesized(), scope);
      return fragment(`(${left.sql} ${token.value} ${quantifier} (${subquery.sql}))`, bitType);
    }
    return compare(token.value, left, sum(cursor, scope));
  }
  if (cursor.takeWords('IS', 'NULL')) return fragment(`(${left.sql} IS NULL)`, bitType);
  if (cursor.takeWords('IS', 'NOT', 'NULL')) return fragment(`(${left.sql} IS NOT NULL)`, bitType);
  if (cursor.takeWords('IS', 'DISTINCT', 'FROM')) return distinct(left, 'IS DISTINCT FROM', sum(cursor, scope));
  if (cursor.takeWords('IS', 'NOT', 'DISTINCT', 'FROM'))
    return distinct(left, 'IS NOT DISTINCT FROM', sum(cursor, scope));
  const negated = cursor.takeWords('NOT');
  if (cursor.takeWords('LIKE')) {
    const pattern = sum(cursor, scope);
    return like(left, pattern, cursor.takeWords('ESCAPE') ? sum(cursor, scope) : undefined, negated);
  }
  if (cursor.takeWords('BETWEEN')) {
    const low = sum(cursor, scope);
    cursor.expectWords('AND');
    const high = sum(cursor, scope);
    return fragment(
      `(${negated ? 'NOT ' : ''}(${compare('>=', left, low).sql} AND ${compare('<=', left, high).sql}))`,
      bitType,
    );
  }
  if (cursor.takeWords('IN')) return membership(left, cursor.parenthesized(), scope, negated);
  if (negated) throw cursor.syntaxError();
  return left;
}

function distinct(left: Fragment, operator: string, right: Fragment): Fragment {
  const [a, b] = comparable(left, right);
  return fragment(`(${a} ${operator} ${b})`, bitType);
}

function membership(left: Fragment, inside: Cursor, scope: Scope, negated: boolean): Fragment {
  const operator = negated ? 'NOT IN' : 'IN';
  if (startsQuery(inside))
    return fragment(`(${left.sql} ${operator} (${translateSubquery(inside, scope).sql}))`, bitType);
  const items = inside.list(() => translateExpression(inside, scope));
  inside.expectEnd();
  const pairs = items.map(item => comparable(left, item));
  // Without padding or a cast on the left the short form will do, and DuckDB hashes the list.
  const uniform = pairs.every(([a]) => a === pairs[0]?.[0]);
  if (uniform) return fragment(`(${pairs[0]?.[0]} ${operator} (${pairs.map(([, b]) => b).join(', ')}))`, bitType);
  const any = pairs.map(([a, b]) => `${a} = ${b}`).join(' OR ');
  return fragment(negated ? `(NOT (${any}))` : `(${any})`, bitType);
}

export function startsQuery(cursor: Cursor): boolean {
  let ahead = 0;
  while (cursor.atSymbol('(', ahead)) ahead += 1;
  const token = cursor.peek(ahead);
  return token.kind === 'word' && (token.value === 'SELECT' || (ahead === 0 && token.value === 'WITH'));
}

function sum(cursor: Cursor, scope: Scope): Fragment {
  let left = product(cursor, scope);
  for (;;) {
    const { kind, value } = cursor.peek();
    if (kind !== 'symbol' || !['+', '-', '&', '|', '^'].includes(value)) return left;
    cursor.next();
    left = arithmetic(value, left, product(cursor, scope));
  }
}

function product(cursor: Cursor, scope: Scope): Fragment {
  let left = signed(cursor, scope);
  for (;;) {
    const { kind, value } = cursor.peek();
    if (kind !== 'symbol' || !['*', '/', '%'].includes(value)) return left;
    cursor.next();
    left = arithmetic(value, left, signed(cursor, scope));
  }
}

function signed(cursor: Cursor, scope: Scope): Fragment {
  const { kind, value } = cursor.peek();
  if (kind === 'symbol' && (value === '-' || value === '+' || value === '~')) {
    cursor.next();
    return unary(value, signed(cursor, scope));
  }
  return postfix(primary(cursor, scope), cursor);
}

/** COLLATE is read and let go: every comparison ignores case here. */
function postfix(operand: Fragment, cursor: Cursor): Fragment {
  if (cursor.takeWords('COLLATE')) {
    const collation = cursor.name();
    return /_BIN2?$|_CS_/i.test(collation) ? { ...operand, sql: `(${operand.sql} COLLATE "binary")` } : operand;
  }
  if (cursor.takeWords('AT', 'TIME', 'ZONE')) {
    const zone = cursor.next();
    if (zone.kind !== 'string' || zone.value.toUpperCase() !== 'UTC')
      throw unsupported(`AT TIME ZONE ${zone.text}`, zone.line);
    return convert(operand, { name: 'datetimeoffset', scale: 7 });
  }
  return operand;
}

function primary(cursor: Cursor, scope: Scope): Fragment {
  const token = cursor.peek();
  if (token.kind === 'string') {
    cursor.next();
    const national = /^n/i.test(token.text);
    const type: SqlType = { name: national ? 'nvarchar' : 'varchar', length: Math.max(1, token.value.length) };
    return { sql: quoteText(token.value), type, literal: token.value };
  }
  if (token.kind === 'number') return numberLiteral(cursor.next().value);
  if (token.kind === 'binary') {
    const hex = cursor.next().value.slice(2);
    const even = hex.length % 2 === 1 ? `0${hex}` : hex;
    return fragment(`from_hex('${even}')`, { name: 'varbinary', length: Math.max(1, even.length / 2) });
  }
  if (token.kind === 'variable') return variable(cursor.next().value, scope, token.line);
  if (cursor.atSymbol('(')) return parenthesis(cursor.parenthesized(), scope);
  if (token.kind === 'word') {
    if (cursor.takeWords('NULL')) return fragment('NULL');
    if (cursor.takeWords('CASE')) return caseExpression(cursor, scope);
    if (cursor.takeWords('EXISTS')) {
      return fragment(`(EXISTS (${translateSubquery(cursor.parenthesized(), scope).sql}))`, bitType);
    }
    if (!cursor.atSymbol('(', 1) && constants.has(token.value))
      return translateCall(cursor.next().value, undefined, cursor, scope);
  }
  if (token.kind !== 'word' && token.kind !== 'name') throw cursor.syntaxError();
  const parts = token.value === '$ACTION' ? [cursor.next().text, 'merge_action'] : cursor.multiPartName();
  if (cursor.atSymbol('('))
    return translateCall((parts.at(-1) ?? '').toUpperCase(), cursor.parenthesized(), cursor, scope);
  const { sql, column } = resolveColumn(scope, parts, token.line);
  return { sql, type: column.type, column };
}

/** Functions that are called without parentheses. */
const constants: ReadonlySet<string> = new Set([
  'CURRENT_TIMESTAMP',
  'CURRENT_USER',
  'SESSION_USER',
  'SYSTEM_USER',
  'USER',
]);

function numberLiteral(text: string): Fragment {
  if (/[eE]/.test(text)) return fragment(`CAST(${text} AS DOUBLE)`, { name: 'float' });
  const [whole = '', decimals = ''] = text.split('.');
  if (!text.includes('.') && BigInt(whole) <= 2_147_483_647n) return fragment(BigInt(whole).toString(), intType);
  const digits = whole.replace(/^0+/, '') + decimals;
  const type: SqlType = { name: 'numeric', precision: Math.max(1, digits.length), scale: decimals.length };
  return fragment(`CAST('${text}' AS ${storageType(type)})`, type);
}

function variable(name: string, scope: Scope, line: number | undefined): Fragment {
  const { translation } = scope;
  const type = translation.variable(name);
  if (!type) throw sqlError(137, line, name);
  const cast = (place: string) => `CAST(${place} AS ${storageType(type)})`;
  return {
    sql: cast(translation.placeholder(name)),
    type,
    limitedTo: limit => cast(translation.placeholder(name, limit)),
  };
}

function parenthesis(inside: Cursor, scope: Scope): Fragment {
  if (startsQuery(inside)) {
    const start = inside.position;
    if (!inside.atSymbol('(')) {
      const query = translateSubquery(inside, scope);
      return fragment(`(${query.sql})`, query.columns[0]?.type);
    }
    inside.position = start;
  }
  const value = translateExpression(inside, scope);
  inside.expectEnd();
  return { ...value, sql: `(${value.sql})` };
}

function caseExpression(cursor: Cursor, scope: Scope): Fragment {
  const subject = cursor.atWords('WHEN') ? undefined : translateExpression(cursor, scope);
  const branches: { when: string; result: Fragment }[] = [];
  while (cursor.takeWords('WHEN')) {
    const condition = translateExpression(cursor, scope);
    cursor.expectWords('THEN');
    const when = subject ? compare('=', subject, condition).sql : condition.sql;
    branches.push({ when, result: translateExpression(cursor, scope) });
  }
  const otherwise = cursor.takeWords('ELSE') ? translateExpression(cursor, scope) : undefined;
  cursor.expectWords('END');
  const results = [...branches.map(branch => branch.result), ...(otherwise ? [otherwise] : [])];
  const type = commonType(results.map(result => result.type));
  const as = (value: Fragment) => harmonized(value, type);
  const whens = branches.map(branch => `WHEN ${branch.when} THEN ${as(branch.result)}`).join(' ');
  return fragment(`(CASE ${whens}${otherwise ? ` ELSE ${as(otherwise)}` : ''} END)`, type);
}

/** A branch of CASE, COALESCE or the like, brought to the type they have in common. */
export function harmonized(value: Fragment, type: SqlType | undefined): string {
  if (!type || !value.type || value.type.name === type.name) return value.sql;
  return convert(value, type).sql;
}
