/** Aggregates and window functions: T-SQL's result types, and the OVER clause that may follow. */
import type { SqlType } from '../session.ts';
import type { Cursor } from './cursor.ts';
import { translateExpression } from './expressions.ts';
import { bigintType, type Fragment, fragment, intType, nvarchar } from './fragment.ts';
import { translateOrderItem } from './order.ts';
import type { Scope } from './scope.ts';
import { decimalShape, isDecimal, isFloat, isInteger, storageType } from './types.ts';

/** DuckDB's name, and the result type from the argument's type. A type that is set is also cast to. */
interface AggregateRule {
  readonly name: string;
  readonly type: (argument: SqlType | undefined) => SqlType | undefined;
}

const same = (type: SqlType | undefined) => type;
const always = (type: SqlType) => () => type;
const float: SqlType = { name: 'float' };

const aggregates: Readonly<Record<string, AggregateRule>> = {
  COUNT: { name: 'count', type: always(intType) },
  COUNT_BIG: { name: 'count', type: always(bigintType) },
  APPROX_COUNT_DISTINCT: { name: 'approx_count_distinct', type: always(bigintType) },
  SUM: { name: 'sum', type: sumType },
  AVG: { name: 'avg', type: averageType },
  MIN: { name: 'min', type: same },
  MAX: { name: 'max', type: same },
  STDEV: { name: 'stddev_samp', type: always(float) },
  STDEVP: { name: 'stddev_pop', type: always(float) },
  VAR: { name: 'var_samp', type: always(float) },
  VARP: { name: 'var_pop', type: always(float) },
  STRING_AGG: { name: 'string_agg', type: always(nvarchar(4000)) },
  CHECKSUM_AGG: { name: 'bit_xor', type: always(intType) },
  ROW_NUMBER: { name: 'row_number', type: always(bigintType) },
  RANK: { name: 'rank', type: always(bigintType) },
  DENSE_RANK: { name: 'dense_rank', type: always(bigintType) },
  NTILE: { name: 'ntile', type: always(bigintType) },
  PERCENT_RANK: { name: 'percent_rank', type: always(float) },
  CUME_DIST: { name: 'cume_dist', type: always(float) },
  LAG: { name: 'lag', type: same },
  LEAD: { name: 'lead', type: same },
  FIRST_VALUE: { name: 'first_value', type: same },
  LAST_VALUE: { name: 'last_value', type: same },
  PERCENTILE_CONT: { name: 'quantile_cont', type: always(float) },
  PERCENTILE_DISC: { name: 'quantile_disc', type: () => undefined },
};

function sumType(type: SqlType | undefined): SqlType | undefined {
  if (!type) return undefined;
  if (isInteger(type)) return type.name === 'bigint' ? bigintType : intType;
  if (type.name === 'money' || type.name === 'smallmoney') return { name: 'money' };
  return isDecimal(type) ? { name: 'decimal', precision: 38, scale: decimalShape(type).scale } : float;
}

function averageType(type: SqlType | undefined): SqlType | undefined {
  if (!type || !isDecimal(type) || type.name.endsWith('money')) return sumType(type);
  return { name: 'decimal', precision: 38, scale: Math.max(6, decimalShape(type).scale) };
}

/** The call with its OVER or WITHIN GROUP, or undefined when `name` is no aggregate. */
export function translateAggregate(name: string, inside: Cursor, after: Cursor, scope: Scope): Fragment | undefined {
  const rule = aggregates[name];
  if (!rule) return undefined;
  const distinct = inside.takeWords('DISTINCT') ? 'DISTINCT ' : '';
  inside.takeWords('ALL');
  const star = inside.takeSymbol('*');
  const values = star || inside.done ? [] : inside.list(() => translateExpression(inside, scope));
  inside.expectEnd();
  const type = rule.type(values[0]?.type);
  const list = star ? '*' : values.map(value => value.sql).join(', ');
  let call = `${rule.name}(${distinct}${list})`;
  if (after.takeWords('WITHIN', 'GROUP')) call = withinGroup(rule.name, list, after, scope);
  if (after.takeWords('OVER')) call += ` OVER (${window(after.parenthesized(), scope)})`;
  // T-SQL averages integers as integers, cutting off; DuckDB gives a double.
  if (name === 'AVG' && isInteger(type)) call = `trunc(${call})`;
  const asIs = !type || rule.type === same || isFloat(type);
  return fragment(asIs ? call : `CAST(${call} AS ${storageType(type)})`, type);
}

function withinGroup(name: string, list: string, after: Cursor, scope: Scope): string {
  const inside = after.parenthesized();
  inside.expectWords('ORDER', 'BY');
  const order = inside.list(() => translateOrderItem(inside, scope));
  if (name === 'string_agg') return `string_agg(${list} ORDER BY ${order.join(', ')})`;
  const value = (order[0] ?? '').replace(/ (ASC|DESC)$/, '');
  return `${name}(${value}, ${list})`;
}

function window(inside: Cursor, scope: Scope): string {
  const parts: string[] = [];
  if (inside.takeWords('PARTITION', 'BY')) {
    parts.push(`PARTITION BY ${inside.list(() => translateExpression(inside, scope).sql).join(', ')}`);
  }
  if (inside.takeWords('ORDER', 'BY')) {
    parts.push(`ORDER BY ${inside.list(() => translateOrderItem(inside, scope)).join(', ')}`);
  }
  // What remains is the frame (ROWS BETWEEN …), which both write alike.
  while (!inside.done) parts.push(inside.next().text);
  return parts.join(' ');
}
