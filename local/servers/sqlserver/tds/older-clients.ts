import type { SqlColumn } from '../session.ts';
import { TdsVersion } from './login.ts';

/** Characters that the longest text of these types has, which TDS 7.2 does not know yet. */
const TEXT_LENGTHS: Readonly<Record<string, number>> = { date: 10, time: 16, datetime2: 27, datetimeoffset: 34 };

/** The columns as a client of this version can read them: before 7.3 dates and times other than `datetime` travel as text. */
export function olderColumns(columns: readonly SqlColumn[], tdsVersion: number): readonly SqlColumn[] {
  if (tdsVersion >= TdsVersion.v73a) return columns;
  return columns.map(column => {
    const length = TEXT_LENGTHS[column.type.name];
    return length === undefined ? column : { ...column, type: { name: 'nvarchar', length } };
  });
}
