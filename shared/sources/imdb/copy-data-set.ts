/** One data set of a landing file, one Parquet file: to bronze as it is, streamed, every byte of it kept. */
import { parquetFile } from '../../parquet/parquet-file.ts';
import type { LakeStore } from '../../storage/store.ts';
import type { ArchiveEntry, ExpansionLimits } from './archive/archive-entry.ts';
import { archiveName } from './archive/archive-errors.ts';
import { openEntry } from './archive/archives.ts';
import type { BronzeCopy } from './bronze-copy.ts';
import type { Landing, LandingFile } from './landing.ts';
import { bronzeColumns } from './rows/bronze-batch.ts';
import { csvFormat } from './rows/csv-format.ts';
import { openSource, type SourceTable } from './rows/source-table.ts';
import { tsvFormat } from './rows/tsv-format.ts';

const formats = { tsv: tsvFormat, csv: csvFormat };

export interface CopyRequest {
  readonly file: LandingFile;
  readonly entry: ArchiveEntry;
  /** Of the Parquet file in the lake. */
  readonly path: string;
  readonly limits: ExpansionLimits;
  /** ISO 8601, UTC. */
  readonly loadedAt: string;
}

/**
 * Writes the Parquet file and returns its receipt. The file appears once the source was read and proved to its end; until then, and on
 * any error, what was there before stays. Memory is bounded, whatever the size of the file and of its lines.
 * Safe to repeat: the path is given, and a second copy replaces the first as a whole.
 *
 * @throws PermanentError `empty-file`, `header-only`, `bad-header`, `utf-16`, `parquet-writer`; what `openEntry` and the store throw
 */
export async function copyDataSet(
  request: CopyRequest,
  { landing, store }: { readonly landing: Landing; readonly store: LakeStore },
): Promise<BronzeCopy> {
  const { file, entry, path, limits } = request;
  let expandedBytes = 0;
  async function* expanded(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of openEntry(file, entry, landing, limits)) {
      expandedBytes += chunk.length;
      yield chunk;
    }
  }
  const chunks = expanded();
  try {
    const source = await openSource(chunks, formats[entry.format], { archive: archiveName(file, entry.name) });
    const columns = bronzeColumns(source.columns);
    const written = await store.write(
      path,
      parquetFile({ columns, metadata: metadata(request, source) }, source.batches()),
    );
    return { path, bytes: written.bytes, ...source.counts, columns: source.columns, expandedBytes };
  } finally {
    // Where the store failed before it read anything, nobody else ends the source.
    await chunks.return();
  }
}

/** Where the rows come from, in the file itself. */
function metadata({ file, entry, loadedAt }: CopyRequest, source: SourceTable): Record<string, string> {
  return {
    'youflix.source': file.path,
    ...(entry.name === null ? {} : { 'youflix.entry': entry.name }),
    'youflix.etag': file.etag,
    'youflix.source_modified_at': file.modifiedAt,
    'youflix.loaded_at': loadedAt,
    'youflix.format': entry.format,
    'youflix.newline': source.newline,
    'youflix.byte_order_mark': String(source.byteOrderMark),
  };
}
