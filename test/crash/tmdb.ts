import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  bronzeListFolder,
  bronzePagePath,
  outboxFolder,
  partitionRecordPath,
  silverTablePath,
} from '../../shared/catalog/lake-paths.ts';
import { openDuckDb, sqlText } from '../../shared/duckdb/session.ts';
import type { ListLanded } from '../../shared/events/list-landed.ts';
import type { OutboxEntry } from '../../shared/events/outbox.ts';
import { tmdbTables } from '../../shared/silver/tmdb/index.ts';
import type { PartitionRecord } from '../../shared/silver/transform/partition.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';
import { loadDocument } from '../../shared/storage/json-document.ts';
import type { LakeStore } from '../../shared/storage/store.ts';
import { digestOf } from './digest.ts';
import type { CrashScenario } from './scenario.ts';

export const tmdbCrashes: CrashScenario = {
  pipeline: 'tmdb',

  seed: async () => undefined,

  phases: [{ name: 'lists', run: { tables: ['popular', 'upcoming'] } }],

  isRun: ({ runId }) => !/-[0-9a-f]{12}$/.test(runId),

  async underWay(dataDir) {
    const store = directoryStore(join(dataDir, 'lake'));
    const entries = await outbox(store);
    const unsent = entries.find(({ status }) => status === 'pending');
    if (unsent !== undefined) return `event ${unsent.event.id} is not published`;
    for (const { landed, partition } of await latest(entries, store)) {
      if (partition?.runId !== landed.runId || partition.content === null)
        return `silver does not stand on ${landed.path}`;
    }
    return undefined;
  },

  // What is on a list depends on the day: do not run this over midnight UTC.
  async endState(dataDir) {
    const lake = join(dataDir, 'lake');
    const store = directoryStore(lake);
    const state: Record<string, string> = {};
    const entries = await outbox(store);
    state['outbox'] = [...new Set(entries.map(({ status }) => status))].join();
    for (const { landed, partition } of await latest(entries, store)) {
      const files = partition?.content?.files.map(({ table, rows }) => `${table} ${rows}`);
      state[`partition/${landed.list}`] = `${files}, content ${partition?.contentHash}`;
      state[`bronze/${landed.list}`] = await pagesDigest(landed, store);
    }
    using duckdb = await openDuckDb({ scratch: join(dataDir, 'scratch') });
    for (const { name } of tmdbTables) {
      const files = sqlText(join(lake, silverTablePath('tmdb', name), '**', '*.parquet'));
      const rows = `(SELECT * EXCLUDE (landed_at, run_id) FROM read_parquet(${files}, hive_partitioning := true))`;
      state[`silver/${name}`] = await digestOf(rows, duckdb);
    }
    return state;
  },
};

async function outbox(store: LakeStore): Promise<readonly OutboxEntry[]> {
  const entries: OutboxEntry[] = [];
  for await (const { path } of store.list(outboxFolder('tmdb'))) {
    const entry = await loadDocument<OutboxEntry>(store, path);
    if (entry !== undefined) entries.push(entry.value);
  }
  return entries;
}

interface Latest {
  readonly landed: ListLanded;
  /** Of its list and day. */
  readonly partition: PartitionRecord | undefined;
}

/** The last landing of each list that an event tells of. */
async function latest(entries: readonly OutboxEntry[], store: LakeStore): Promise<readonly Latest[]> {
  const byList = new Map<string, ListLanded>();
  for (const { event } of entries) {
    const landed = event.data as ListLanded;
    const known = byList.get(landed.list);
    if (known === undefined || known.landedAt < landed.landedAt) byList.set(landed.list, landed);
  }
  const found = [...byList.values()].map(async landed => {
    const record = await loadDocument<PartitionRecord>(store, partitionRecordPath('tmdb', landed.list, landed.date));
    return { landed, partition: record?.value };
  });
  return Promise.all(found);
}

/** The bytes themselves, and not what the manifest says of them. */
async function pagesDigest({ list, date, runId, pages }: ListLanded, store: LakeStore): Promise<string> {
  const folder = bronzeListFolder(list, { runId, startedAt: date });
  const hash = createHash('sha256');
  for (let page = 1; page <= pages; page++) hash.update(await store.read(bronzePagePath(folder, page)));
  return `${pages} pages, digest ${hash.digest('hex')}`;
}
