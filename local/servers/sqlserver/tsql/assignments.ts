/** Values on their way into a column: converted to its type, and refused where a variable would quietly cut them. */
import type { ColumnDefinition, TableDefinition } from './catalog.ts';
import { convert } from './conversions.ts';
import type { Fragment } from './fragment.ts';
import { quoteText } from './quoting.ts';
import { isFixedString, isString, storageType } from './types.ts';

/** The value as the column stores it. At run time: 2628 when text is too long, 245/8114/241 when it does not convert. */
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
  const where = quoteText(`${table.schema}.${table.name}`);
  const checked = fits ? text : `tsql.fit(${text}, ${length}, ${where}, ${quoteText(column.name)})`;
  return isFixedString(type) ? `rpad(${checked}, ${length}, ' ')` : checked;
}
