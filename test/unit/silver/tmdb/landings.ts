/** Landings of TMDB lists for the tests: bronze as an ingest leaves it, and silver read back. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bronzeListFolder, bronzeManifestPath, bronzePagePath } from '../../../../shared/catalog/lake-paths.ts';
import type { DeltaEngine } from '../../../../shared/delta/engine.ts';
import { sqlText } from '../../../../shared/duckdb/session.ts';
import type { Landing } from '../../../../shared/silver/transform/landed-pages.ts';
import type { LandedList } from '../../../../shared/sources/tmdb/landed-list.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';

export interface LandingOptions {
  readonly list?: string;
  /** ISO 8601, UTC: start of the run. */
  readonly at?: string;
  /** @default `at` */
  readonly landedAt?: string;
  /** Numbers of pages that the ingest rejected. */
  readonly rejected?: readonly number[];
}

/** Lands pages, given as the service sends them, and returns what the event says of them. */
export async function land(
  pages: readonly (string | Uint8Array)[],
  { list = 'popular', at = '2026-01-31T12:00:00.000Z', landedAt = at, rejected = [] }: LandingOptions,
  store: LakeStore,
): Promise<Landing> {
  const runId = `tmdb-${at.replace(/[-:.]/g, '')}`;
  const folder = bronzeListFolder(list, { runId, startedAt: at });
  const hash = createHash('sha256');
  for (const [index, body] of pages.entries()) {
    await store.write(bronzePagePath(folder, index + 1), body);
    hash.update(body);
  }
  const landing = { list, date: at.slice(0, 10), folder, runId, contentHash: hash.digest('hex'), landedAt };
  const manifest: LandedList = {
    ...landing,
    pages: pages.length,
    rows: 0,
    bytes: 0,
    duplicates: 0,
    rejected: rejected.map(page => ({ page, path: bronzePagePath(folder, page), reasons: ['it did not fit'] })),
    notes: [],
  };
  await store.write(bronzeManifestPath(folder), JSON.stringify(manifest));
  return landing;
}

/** The body of a page with these movies. */
export function page(movies: readonly unknown[]): string {
  return JSON.stringify({ page: 1, results: movies, total_pages: 1, total_results: movies.length });
}

/** What a SELECT finds in `silver`, a table over all its partitions as any reader of Hive partitions has it. */
export async function silverRows(
  table: string,
  select: string,
  { store, duckdb, scratch }: DeltaEngine,
): Promise<unknown[][]> {
  const folder = join(scratch, randomUUID());
  try {
    for await (const { path } of store.list(`silver/tmdb/${table}`)) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await store.download(path, join(folder, path));
    }
    const files = sqlText(join(folder, 'silver/tmdb', table, '**/*.parquet'));
    const rows = await duckdb.rows(`WITH silver AS (FROM read_parquet(${files}, hive_partitioning = true)) ${select}`);
    return rows.map(row => Object.values(row));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A JSON document of the lake. */
export async function json(path: string, store: LakeStore): Promise<unknown> {
  return JSON.parse(Buffer.from(await store.read(path)).toString('utf8'));
}
