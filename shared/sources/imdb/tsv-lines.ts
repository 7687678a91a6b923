/** Lines of a TSV cut into the columns of a batch. In bytes, because a string per field would cost ten times the time. */
import { isUtf8 } from 'node:buffer';
import type { BronzeBatch } from './bronze-batch.ts';

export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;

/**
 * Copies the fields of the line at `start` into the next row of the batch, which has room for them, without ending the row.
 * The block ends in LF. The hot loop of the copy: every byte passes here.
 * @returns where the next line starts; -1 where the line has more or fewer fields than the batch
 */
export function splitLine(block: Uint8Array, start: number, { fields, rows }: BronzeBatch): number {
  let at = start;
  let filled = 0;
  for (const { bytes, offsets } of fields) {
    let end = offsets[rows] as number;
    let byte = block[at++] as number;
    while (byte !== tab && byte !== lineFeed) {
      bytes[end++] = byte;
      byte = block[at++] as number;
    }
    offsets[rows + 1] = end;
    filled += 1;
    if (byte === lineFeed) return filled === fields.length ? at : -1;
  }
  return -1;
}

/** Takes the CR of a CRLF off the last field of the row that is being filled. */
export function dropCarriageReturn({ fields, rows }: BronzeBatch): void {
  const offsets = fields.at(-1)?.offsets;
  if (offsets !== undefined) offsets[rows + 1] = (offsets[rows + 1] as number) - 1;
}

/** What is wrong with a line (without its line end), in words with expected and got; undefined where nothing is. */
export function lineProblem(line: Uint8Array, columns: readonly string[]): string | undefined {
  const fields = fieldsOf(line);
  if (fields.length !== columns.length) return `expected ${columns.length} fields, got ${fields.length}`;
  const invalid = fields.findIndex(field => !isUtf8(field));
  return invalid === -1 ? undefined : `expected UTF-8, field ${invalid + 1} (${columns[invalid]}) is not`;
}

/** The bytes between the tabs. */
export function fieldsOf(line: Uint8Array): readonly Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let start = 0; start <= line.length; ) {
    const end = line.indexOf(tab, start);
    fields.push(line.subarray(start, end === -1 ? line.length : end));
    start = end === -1 ? line.length + 1 : end + 1;
  }
  return fields;
}
