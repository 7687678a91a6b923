/** A data set as a table: its header first, then its rows in the columns of bronze. */
import type { ColumnBatch } from '../../../parquet/columns.ts';
import { archiveError } from '../archive/archive-errors.ts';
import { type LineBlock, type LineEnds, type Lines, lineBlocks } from './line-blocks.ts';
import { columnNames, headerError, withoutMark } from './source-header.ts';
import { type SourceCounts, SourceRows } from './source-rows.ts';

export interface SourceTable {
  /** As in the header: at least one, each with a name of its own. */
  readonly columns: readonly string[];
  /** How lines end: as the header does. */
  readonly newline: 'LF' | 'CRLF';
  readonly byteOrderMark: boolean;
  /** Of what `batches` has given so far. */
  readonly counts: SourceCounts;
  /**
   * All that follows the header. Once only; a batch is good until the next one is asked for.
   * @throws PermanentError `header-only` when nothing follows
   */
  batches(): AsyncIterable<ColumnBatch>;
}

export interface LineRules {
  readonly columns: readonly string[];
  /** True where a line must end in CR LF. */
  readonly endsInReturn: boolean;
}

/** What tells TSV from CSV. */
export interface SourceFormat {
  /** For one stream. */
  lineEnds(): LineEnds;
  /** The fields of a header without its line end, or what is wrong with it. */
  headerFields(header: Uint8Array): readonly Uint8Array[] | string;
  /** Adds lines from `start` on, until the block ends or the batch is full. @returns how far it came */
  addLines(block: Lines, start: number, rules: LineRules, rows: SourceRows): number;
}

export interface SourceOptions {
  /** As messages name the data set. */
  readonly archive: string;
  /** A longer line is malformed and kept in pieces of this size. @default 4 MiB */
  readonly maxLineBytes?: number;
}

const defaultMaxLineBytes = 4 * 1024 * 1024;
const carriageReturn = 0x0d;

/**
 * Reads the header; the rest is read as its batches are. A line ends as the header does, in LF or CRLF; the last one need not.
 * In a file of LF, a CR is part of its field. A malformed row keeps the bytes of its line up to the LF.
 *
 * @throws PermanentError `empty-file`, `utf-16`, `bad-header`; what `chunks` throws
 */
export async function openSource(
  chunks: AsyncIterable<Uint8Array>,
  format: SourceFormat,
  { archive, maxLineBytes = defaultMaxLineBytes }: SourceOptions,
): Promise<SourceTable> {
  const { hasMark, rest } = await withoutMark(chunks, archive);
  const blocks = lineBlocks(rest, format.lineEnds(), maxLineBytes);
  const { value: first } = await blocks.next();
  if (first === undefined) {
    throw archiveError(archive, 'expected a header and rows, found no byte', { code: 'empty-file' });
  }
  if (first.kind === 'piece') throw headerError(archive, `longer than ${maxLineBytes} bytes`);
  const headerEnd = first.ended ? format.lineEnds()(first.bytes).first : first.bytes.length - 1;
  const newline = first.bytes[headerEnd - 1] === carriageReturn ? 'CRLF' : 'LF';
  const header = first.bytes.subarray(0, newline === 'CRLF' ? headerEnd - 1 : headerEnd);
  const fields = format.headerFields(header);
  if (typeof fields === 'string') throw headerError(archive, fields);
  const columns = columnNames(fields, archive);
  const rows = new SourceRows(columns.length, maxLineBytes);
  rows.skipHeader(header);

  async function* lines(): AsyncIterable<LineBlock> {
    yield { kind: 'lines', ended: true, bytes: (first as LineBlock).bytes.subarray(headerEnd + 1) };
    yield* blocks;
  }
  async function* batches(): AsyncIterable<ColumnBatch> {
    for await (const block of lines()) {
      let at = 0;
      do {
        if (block.kind === 'piece') at = rows.addPiece(block);
        else at = format.addLines(block, at, { columns, endsInReturn: newline === 'CRLF' && block.ended }, rows);
        if (rows.batch.isFull) yield* rows.taken();
      } while (at < block.bytes.length);
    }
    if (rows.counts.lines === 0) {
      throw archiveError(archive, 'expected rows after the header, found none', { code: 'header-only' });
    }
    yield* rows.taken();
  }
  return { columns, newline, byteOrderMark: hasMark, counts: rows.counts, batches };
}
