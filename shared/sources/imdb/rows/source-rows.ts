/** What the lines of a data set become: rows, each with the number of its line, and their count. */
import { isUtf8 } from 'node:buffer';
import type { ColumnBatch } from '../../../parquet/columns.ts';
import { BronzeBatch } from './bronze-batch.ts';
import type { LinePiece } from './line-blocks.ts';

export interface SourceCounts {
  lines: number;
  malformedLines: number;
  rows: number;
}

const lineFeed = 0x0a;

/** The rows on their way. Who adds one says `beginLine` first, then one of the others. */
export class SourceRows {
  readonly batch: BronzeBatch;
  readonly counts: SourceCounts = { lines: 0, malformedLines: 0, rows: 0 };
  readonly #maxLineBytes: number;
  #line = 0;
  #nextLine = 1;

  constructor(fields: number, maxLineBytes: number) {
    this.batch = new BronzeBatch(fields);
    this.#maxLineBytes = maxLineBytes;
  }

  /** The header is line 1, and more where it has line ends inside quotes. */
  skipHeader(header: Uint8Array): void {
    this.#nextLine += 1 + lineFeedsIn(header);
  }

  /** `lineFeeds`: how many there are inside the line, which can be only where they are quoted. */
  beginLine(lineFeeds: number): void {
    this.counts.lines += 1;
    this.#line = this.#nextLine;
    this.#nextLine += 1 + lineFeeds;
  }

  /** The fields are in the batch. */
  endRow(): void {
    this.batch.endRow(this.#line);
  }

  /** As many fields as the batch has. */
  addRow(fields: readonly Uint8Array[]): void {
    for (const [index, field] of fields.entries()) this.batch.append(index, field);
    this.endRow();
  }

  addMalformed(line: Uint8Array, reason: string): void {
    this.counts.malformedLines += 1;
    this.batch.addMalformed(this.#line, line, reason);
  }

  /** @returns its length */
  addPiece({ bytes, number }: LinePiece): number {
    if (number === 1) {
      this.beginLine(0);
      this.counts.malformedLines += 1;
    }
    this.#nextLine += lineFeedsIn(bytes);
    const reason = `expected a line of at most ${this.#maxLineBytes} bytes, this is piece ${number} of a longer one`;
    this.batch.addMalformed(this.#line, bytes, reason);
    return bytes.length;
  }

  /** What was collected, if anything; then collects anew. */
  *taken(): Generator<ColumnBatch, void, undefined> {
    if (this.batch.rows === 0) return;
    this.counts.rows += this.batch.rows;
    yield this.batch.columns();
    this.batch.clear();
  }
}

/** What is wrong with the fields of a line, in words with expected and got; undefined where nothing is. */
export function fieldProblem(fields: readonly Uint8Array[], columns: readonly string[]): string | undefined {
  if (fields.length !== columns.length) return `expected ${columns.length} fields, got ${fields.length}`;
  const invalid = fields.findIndex(field => !isUtf8(field));
  return invalid === -1 ? undefined : `expected UTF-8, but field ${invalid + 1} (${columns[invalid]}) is not`;
}

export function lineFeedsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) count += 1;
  return count;
}
