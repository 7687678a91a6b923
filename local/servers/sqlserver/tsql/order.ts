/** Items of ORDER BY. */
import type { Cursor } from './cursor.ts';
import { translateExpression } from './expressions.ts';
import type { Scope } from './scope.ts';

export function translateOrderItem(cursor: Cursor, scope: Scope): string {
  const value = translateExpression(cursor, scope);
  return `${orderKey(value.sql)}${direction(cursor)}`;
}

export function direction(cursor: Cursor): string {
  if (cursor.takeWords('DESC')) return ' DESC';
  return cursor.takeWords('ASC') ? ' ASC' : '';
}

/** `ORDER BY (SELECT NULL)` means any order; DuckDB wants a constant it can ignore. */
function orderKey(sql: string): string {
  return /^\(+SELECT NULL/.test(sql) ? 'NULL' : sql;
}
