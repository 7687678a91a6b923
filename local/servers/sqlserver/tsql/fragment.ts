/** A translated expression. */
import type { SqlType } from '../session.ts';
import type { OutputColumn, TextLimit } from './scope.ts';

export interface Fragment {
  /** DuckDB SQL that binds at least as tightly as a function call, so that it may stand in any place. */
  readonly sql: string;
  /** Its T-SQL type, undefined when not known (NULL, or a function that DuckDB alone knows). */
  readonly type: SqlType | undefined;
  /** The column, when the expression is nothing but a column. */
  readonly column?: OutputColumn;
  /** The text, when it is a string literal: lengths and patterns can then be looked at beforehand. */
  readonly literal?: string;
  /** The same value, checked when it is bound: set when the expression is nothing but a variable. */
  readonly limitedTo?: (limit: TextLimit) => string;
}

export const intType: SqlType = { name: 'int' };
export const bigintType: SqlType = { name: 'bigint' };
export const bitType: SqlType = { name: 'bit' };

export function fragment(sql: string, type?: SqlType): Fragment {
  return { sql, type };
}

export function nvarchar(length: number): SqlType {
  return { name: 'nvarchar', length };
}

export function varchar(length: number): SqlType {
  return { name: 'varchar', length };
}
