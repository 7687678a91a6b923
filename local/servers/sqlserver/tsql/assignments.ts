/** Values on their way into a column: converted to its type, and refused where a variable would quietly cut them. */
import type { ColumnDefinition, TableDefinition } from './catalog.ts';
import { convert } from './conversions.ts';
import type { Fragment } from './fragment.ts';
import { quoteText } from './quoting.ts';
import type { TextLimit } from './scope.ts';
import { isFixedString, isString, storageType } from './types.ts';

/**
 * The value as the column stores it. At run time: 2628 when text is too long, 245/8114/241 when it does not convert.
 *
 * The text of a bare variable is measured as it is bound, even if no row will take it: DuckDB needs longer to plan the check than to
 * write the row.
 */
export function assign(value: Fragment, column: ColumnDefinition, table: TableDefinition): string {
  const { type } = column;
  if (value.sql === 'NULL') return `CAST(NULL AS ${storageType(type)})`;
  if (!isString(type)) return convert(value, type).sql;
  const length = type.length ?? 1;
  const text = convert(value, { name: 'nvarchar', length: -1 }).sql;
  const known =
    value.literal?.length ??
    (isString(value.type) && value.type?.length !== -1 && value.column ? value.type?.length : undefined);
  const fits = length === -1 || (known !== undefined && known <= length);
  const checked = fits
    ? text
    : limited(value, text, { length, table: `${table.schema}.${table.name}`, column: column.name });
  return isFixedString(type) ? `rpad(${checked}, ${length}, ' ')` : checked;
}

function limited(value: Fragment, text: string, limit: TextLimit): string {
  if (value.limitedTo && isString(value.type)) return value.limitedTo(limit);
  return `tsql.fit(${text}, ${limit.length}, ${quoteText(limit.table)}, ${quoteText(limit.column)})`;
}
