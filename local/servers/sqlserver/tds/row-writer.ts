import type { SqlColumn, SqlValue } from '../session.ts';
import type { ByteWriter } from './byte-writer.ts';
import { ROW_TOKEN } from './tokens.ts';
import { wireTypeOf } from './type-info.ts';
import { writeValue } from './values.ts';

/** Appends one row of values. @throws RangeError when one does not fit its column; then nothing is appended */
export function writeRow(writer: ByteWriter, columns: readonly SqlColumn[], row: readonly SqlValue[]): void {
  const start = writer.length;
  try {
    writer.u8(ROW_TOKEN);
    for (const [index, column] of columns.entries()) writeValue(writer, wireTypeOf(column.type), row[index] ?? null);
  } catch (error) {
    writer.length = start;
    throw error;
  }
}
