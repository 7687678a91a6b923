/** Transforms one landed TMDB list from bronze to its partition of every silver table. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { silverPartitionPath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { sqlName, sqlText } from '../../duckdb/session.ts';
import { runPrelude } from '../prelude.ts';
import { type SilverTable, silverRows } from '../silver-table.ts';
import { tmdbTables } from '../tmdb/index.ts';
import { nameGenres } from './genre-names.ts';
import { fetchLandedPages, type Landing } from './landed-pages.ts';
import { selectMovies } from './movie-selection.ts';
import { type NewContent, type NewFile, type PartitionContent, replacePartition, standing } from './partition.ts';
import { writeQuarantine } from './quarantine.ts';

export interface TransformRequest extends Landing {
  /** The answer to the lookup of genres, in the lake; without it genres have no names. */
  readonly genres?: string | undefined;
}

export interface TransformReceipt {
  /** `older`: silver stands on a later landing and was left as it is. `same`: it stands on this one already. */
  readonly outcome: 'replaced' | 'older' | 'same';
  /** One per file of the partition; none where the landing is older. */
  readonly tables: readonly TableReceipt[];
  /** Movies of the landing that were set aside; they are at `quarantineMoviesPath`. */
  readonly quarantined: number;
}

export interface TableReceipt {
  readonly table: string;
  /** In the lake. */
  readonly path: string;
  /** Places of the list that were read: movies, those that are there again, and those set aside. */
  readonly rowsIn: number;
  readonly rows: number;
  readonly bytes: number;
  /** Of the call that wrote it. */
  readonly seconds: number;
}

/**
 * Replaces the partition of the list and its day by what landed, unless silver stands on a later landing. Safe to repeat, in any order
 * and side by side: the latest landing wins, and a call that died half-way is healed by another.
 * @throws TransientError `not-visible`; PermanentError `landing-gone`, `landing-changed`: silver stays as it was
 */
export async function transformList(request: TransformRequest, engine: DeltaEngine): Promise<TransformReceipt> {
  const stands = await standing(request, engine.store);
  if (stands === 'older') return { outcome: 'older', tables: [], quarantined: 0 };
  if (stands !== undefined) return receipt('same', stands);

  const scratch = join(engine.scratch, randomUUID());
  await mkdir(scratch, { recursive: true });
  try {
    const content = await contentOf(request, { ...engine, scratch });
    const replaced = await replacePartition(request, content, engine.store);
    if (replaced === undefined) return { outcome: 'older', tables: [], quarantined: content.quarantined };
    return receipt('replaced', replaced);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Makes the files of the partition on this machine, and quarantines what does not fit. */
async function contentOf({ genres, ...landing }: TransformRequest, engine: DeltaEngine): Promise<NewContent> {
  const pages = await fetchLandedPages(landing, engine);
  const movies = await selectMovies(pages, landing, engine.duckdb);
  await writeQuarantine(movies, landing.folder, engine);
  await nameGenres(genres, engine);
  await runPrelude(engine.duckdb);
  const files: NewFile[] = [];
  for (const table of tmdbTables) files.push(await writeTable(table, landing, engine));
  return { rowsIn: movies.places, quarantined: movies.misfitRows, files };
}

async function writeTable(
  table: SilverTable,
  { list, date }: Landing,
  { duckdb, scratch, clock }: DeltaEngine,
): Promise<NewFile> {
  const { name, key } = table;
  const startedMs = clock.now();
  const localFile = join(scratch, `${name}.parquet`);
  const [copied] = await duckdb.rows(
    `COPY (FROM ${await silverRows(table)} ORDER BY ${key.map(sqlName)})
     TO ${sqlText(localFile)} (FORMAT parquet, COMPRESSION zstd, RETURN_STATS)`,
  );
  return {
    table: name,
    path: silverPartitionPath('tmdb', name, list, date),
    rows: Number(copied?.['count'] ?? 0),
    seconds: (clock.now() - startedMs) / 1000,
    localFile,
  };
}

function receipt(
  outcome: TransformReceipt['outcome'],
  { rowsIn, quarantined, files }: PartitionContent,
): TransformReceipt {
  return { outcome, tables: files.map(file => ({ ...file, rowsIn })), quarantined };
}
