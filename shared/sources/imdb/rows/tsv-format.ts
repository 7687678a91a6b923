/** TSV as IMDb publishes it: tabs and line ends, and no quoting whatever. */
import { isUtf8 } from 'node:buffer';
import type { BronzeBatch } from './bronze-batch.ts';
import type { Lines } from './line-blocks.ts';
import { fieldProblem, type SourceRows } from './source-rows.ts';
import type { LineRules, SourceFormat } from './source-table.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export const tsvFormat: SourceFormat = {
  lineEnds: () => bytes => ({ first: bytes.indexOf(lineFeed), last: bytes.lastIndexOf(lineFeed) }),
  headerFields: fieldsOf,
  addLines,
};

function addLines({ bytes }: Lines, start: number, rules: LineRules, rows: SourceRows): number {
  const { endsInReturn } = rules;
  const { batch } = rows;
  // Nearly always valid as a whole, and no check is faster; where it is not, each line is looked at.
  const isValid = isUtf8(bytes);
  batch.reserve(bytes.length - start);
  let at = start;
  while (at < bytes.length && !batch.isFull) {
    rows.beginLine(0);
    const next = splitLine(bytes, at, batch);
    if (next !== -1 && isValid && (!endsInReturn || bytes[next - 2] === carriageReturn)) {
      if (endsInReturn) dropReturn(batch);
      rows.endRow();
      at = next;
      continue;
    }
    const end = bytes.indexOf(lineFeed, at);
    const line = bytes.subarray(at, end);
    const problem = lineProblem(line, rules);
    if (problem !== undefined) rows.addMalformed(line, problem);
    else {
      if (endsInReturn) dropReturn(batch);
      rows.endRow();
    }
    at = end + 1;
  }
  return at;
}

/**
 * Copies the fields of the line at `start` into the next row of the batch, which has room for them, without ending the row.
 * The hot loop of the copy: every byte passes here, and a string per field would cost ten times the time.
 * @returns where the next line starts; -1 where the line has more or fewer fields than the batch
 */
function splitLine(block: Uint8Array, start: number, { fields, rows }: BronzeBatch): number {
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
function dropReturn({ fields, rows }: BronzeBatch): void {
  const offsets = fields.at(-1)?.offsets;
  if (offsets !== undefined) offsets[rows + 1] = (offsets[rows + 1] as number) - 1;
}

function lineProblem(line: Uint8Array, { columns, endsInReturn }: LineRules): string | undefined {
  if (!endsInReturn) return fieldProblem(fieldsOf(line), columns);
  if (line.at(-1) !== carriageReturn) return 'expected CR LF at its end, got LF';
  return fieldProblem(fieldsOf(line.subarray(0, -1)), columns);
}

/** The bytes between the tabs. */
function fieldsOf(line: Uint8Array): readonly Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let start = 0; start <= line.length; ) {
    const end = line.indexOf(tab, start);
    const fieldEnd = end === -1 ? line.length : end;
    fields.push(line.subarray(start, fieldEnd));
    start = fieldEnd + 1;
  }
  return fields;
}
