/** A raised lake whose app takes lists from the TMDB stand-in: what the acceptance tests of use case 3 stand on. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  bronzeListFolder,
  bronzeManifestPath,
  outboxFolder,
  partitionRecordPath,
  runRecordFolder,
  silverTablePath,
} from '../../shared/catalog/lake-paths.ts';
import { openDuckDb, sqlText } from '../../shared/duckdb/session.ts';
import type { OutboxEntry } from '../../shared/events/outbox.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { tmdbTables } from '../../shared/silver/tmdb/index.ts';
import type { PartitionRecord } from '../../shared/silver/transform/partition.ts';
import type { LandedList } from '../../shared/sources/tmdb/landed-list.ts';
import { type RaisedLake, type RaiseOptions, raiseLake } from './raised-lake.ts';

/** Pages that are taken of a list. */
export const pagesPerList = 3;
export const moviesPerPage = 20;

export interface TmdbLake extends RaisedLake {
  /** A JSON document of the lake; undefined where there is none. */
  document<T>(path: string): Promise<T | undefined>;
  /** What the run's ingest left in bronze of a list. */
  landed(record: RunRecord, list: string): Promise<LandedList>;
  /** The record of the transform that a landing's event started, once it has ended, well or not. */
  transformOf(landed: LandedList): Promise<RunRecord>;
  outbox(): Promise<readonly OutboxEntry[]>;
  /** Which landing silver stands on, for a list and the day of the run. */
  partition(landed: LandedList): Promise<PartitionRecord | undefined>;
  /** The rows of a SELECT over the silver tables, under their own names, as whoever reads their folders has them. */
  query(select: string): Promise<readonly Record<string, unknown>[]>;
}

/** Everything vanishes with the lake, its data folder included. */
export async function raiseTmdbLake(options: Partial<Pick<RaiseOptions, 'seed' | 'settings'>> = {}): Promise<TmdbLake> {
  const { seed = async () => undefined, settings = usual => usual } = options;
  const lake = await raiseLake({
    pipeline: 'tmdb',
    seed,
    settings: usual => settings({ ...usual, TMDB_MAX_PAGES: String(pagesPerList) }),
  });

  async function document<T>(path: string): Promise<T | undefined> {
    const text = await readFile(join(lake.folder, path), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  /** Those of a folder whose names begin with `start`, in the order of their names. */
  async function documents<T>(folder: string, start = ''): Promise<readonly T[]> {
    const names = (await readdir(join(lake.folder, folder)).catch(() => [])).filter(name => name.startsWith(start));
    const found = await Promise.all(names.sort().map(name => document<T>(`${folder}/${name}`)));
    return found.filter(value => value !== undefined);
  }

  return {
    ...lake,
    document,
    async landed(record, list) {
      const landed = await document<LandedList>(bronzeManifestPath(bronzeListFolder(list, record)));
      if (landed === undefined) throw new Error(`run ${record.runId} has not landed ${list}`);
      return landed;
    },
    async transformOf({ list, landedAt }) {
      const deadline = Date.now() + transformTimeoutMs;
      const start = `tmdb-${landedAt.replace(/[-:.]/g, '')}-`;
      while (Date.now() < deadline) {
        const runs = await documents<RunRecord>(runRecordFolder('tmdb'), start);
        const own = runs.find(({ runId, request }) => isTransform(runId) && request.tables.includes(list));
        if (own?.endedAt) return own;
        await sleep(20);
      }
      throw new Error(`no transform of ${list}, landed at ${landedAt}, ended within ${transformTimeoutMs / 1000} s`);
    },
    outbox: () => documents<OutboxEntry>(outboxFolder('tmdb')),
    partition: ({ list, date }) => document<PartitionRecord>(partitionRecordPath('tmdb', list, date)),
    query: select => query(lake.folder, select),
  };
}

/** As `completed`, and until each of its landings is in silver. Gives what landed, by list. */
export async function carried<List extends string>(
  lake: TmdbLake,
  lists: readonly List[],
): Promise<Readonly<Record<List, LandedList>>> {
  const record = await lake.completed({ tables: lists });
  const landings = await Promise.all(lists.map(async list => [list, await lake.landed(record, list)] as const));
  for (const [, landed] of landings) expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  return Object.fromEntries(landings) as Record<List, LandedList>;
}

const transformTimeoutMs = 15_000;

/** A run that somebody started has six digits of chance at its end, one that an event started the twelve of its digest. */
function isTransform(runId: string): boolean {
  return /-[0-9a-f]{12}$/.test(runId);
}

async function query(folder: string, select: string): Promise<readonly Record<string, unknown>[]> {
  using duckdb = await openDuckDb({ scratch: join(folder, '..', 'reading') });
  for (const { name } of tmdbTables) {
    const files = sqlText(join(folder, silverTablePath('tmdb', name), '**', '*.parquet'));
    await duckdb.run(`CREATE VIEW ${name} AS FROM read_parquet(${files}, hive_partitioning := true)`);
  }
  return await duckdb.rows(select);
}
