import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud } from '../../local/cloud.ts';
import { type WriteOptions, writeDataSets } from '../../local/imdb/write-data-sets.ts';
import { imdbDataSets } from '../../shared/catalog/imdb-data-sets.ts';
import { ledgerPath, silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { systemClock } from '../../shared/clock.ts';
import { readTable } from '../../shared/delta/read.ts';
import { type DuckDbSession, openDuckDb, sqlText } from '../../shared/duckdb/session.ts';
import { imdbTables } from '../../shared/silver/imdb/index.ts';
import type { ImdbLedger } from '../../shared/sources/imdb/ledger.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';
import { loadDocument } from '../../shared/storage/json-document.ts';
import { digestOf } from './digest.ts';
import type { CrashScenario } from './scenario.ts';

const world = { titles: 400, seed: 7 };
const withBadLines = ['title.principals'];
/** The next delivery leaves this one as it is. */
const unchanged = 'title.crew';

export const imdbCrashes: CrashScenario = {
  pipeline: 'imdb',

  seed: cloud => deliver(cloud, { ...world, zipped: ['title.ratings'] }),

  phases: [
    { name: 'full', run: { mode: 'full' } },
    {
      name: 'incremental',
      async prepare(cloud) {
        const next = { ...world, changes: 0.01, delivery: 1 };
        const others = imdbDataSets
          .map(({ name }) => name)
          .filter(name => ![...withBadLines, unchanged].includes(name));
        await deliver(cloud, { ...next, only: others, zipped: ['title.ratings'] });
        const bad = { 'wrong-type': 2, 'too-few-fields': 1, 'invalid-utf8': 1, 'duplicate-key': 1 };
        await deliver(cloud, { ...next, only: withBadLines, bad });
      },
      run: { mode: 'incremental' },
    },
  ],

  async endState(dataDir) {
    const lake = join(dataDir, 'lake');
    const store = directoryStore(lake);
    const scratch = join(dataDir, 'scratch');
    using duckdb = await openDuckDb({ scratch });
    const state: Record<string, string> = {};
    for (const { name } of imdbTables) {
      const engine = { store, duckdb, scratch, clock: systemClock };
      await using table = await readTable({ table: silverTablePath('imdb', name) }, engine);
      state[`silver/${name}`] = await digestOf(table.relation, duckdb);
    }
    const ledger = (await loadDocument<ImdbLedger>(store, ledgerPath('imdb')))?.value;
    state['ledger/files'] = JSON.stringify(ledger?.files, withoutChance);
    for (const { name } of imdbDataSets) {
      state[`ledger/${name}`] = JSON.stringify(ledger?.dataSets[name], withoutChance);
      state[`bronze/${name}`] = await parquetFiles(join(lake, 'bronze/imdb', name), duckdb);
      state[`quarantine/${name}`] = await parquetFiles(join(lake, 'quarantine/imdb', name), duckdb);
    }
    return state;
  },
};

/** Into the landing container without an event: the phases are started by hand. */
async function deliver({ dataDir }: Cloud, options: WriteOptions): Promise<void> {
  const folder = await mkdtemp(join(dataDir, 'delivery-'));
  await writeDataSets(folder, options);
  for (const name of await readdir(folder)) await rename(join(folder, name), join(dataDir, 'landing', 'imdb', name));
  await rm(folder, { recursive: true });
}

/** Every delivery's file in the order of their paths. */
async function parquetFiles(folder: string, duckdb: DuckDbSession): Promise<string> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  const files = paths.filter(path => path.endsWith('.parquet')).sort();
  const digests: string[] = [];
  for (const file of files) digests.push(await digestOf(`read_parquet(${sqlText(join(folder, file))})`, duckdb));
  return digests.join('; ');
}

/** What says when and by which run, not what the lake holds. The size of a bronze file depends on the time it was loaded. */
const chance = new Set(['etag', 'modifiedAt', 'runId', 'reservedBy', 'sequence', 'bytes']);

function withoutChance(key: string, value: unknown): unknown {
  return chance.has(key) && value !== null ? undefined : value;
}
