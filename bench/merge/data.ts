/** The table that the merge claim works on, and the two sets of changes; made once in a temporary folder. */
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { mergeIntoTable } from '../../shared/delta/merge.ts';
import type { TableSchema } from '../../shared/delta/schema.ts';
import { openDuckDb } from '../../shared/duckdb/session.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';

export const table = 'silver/bench/users';
export const rows = 5_000_000;
export const rowsPerFile = rows / 16;

export const schema: TableSchema = [
  { name: 'user_id', type: 'long', nullable: false },
  { name: 'email', type: 'string', nullable: false },
  { name: 'display_name', type: 'string', nullable: true },
  { name: 'country', type: 'string', nullable: false },
  { name: 'plan_id', type: 'integer', nullable: false },
  { name: 'balance', type: 'decimal(10,2)', nullable: false },
  { name: 'is_deleted', type: 'boolean', nullable: false },
  { name: 'created_at', type: 'timestamp', nullable: false },
  { name: 'modified_at', type: 'timestamp', nullable: false },
];

/** `recent`: among the newest 600 thousand rows. `scattered`: over the whole table. Both bring 5 thousand new rows besides. */
export const changes = {
  recent: `SELECT unnest(range(${rows - 600_000}, ${rows}, 6)) UNION ALL SELECT unnest(range(${rows}, ${rows + 5000}))`,
  scattered: `SELECT unnest(range(0, ${rows}, 53)) UNION ALL SELECT unnest(range(${rows}, ${rows + 5000}))`,
};

export type Case = keyof typeof changes;

const folder = join(tmpdir(), 'merge-claim');

/** The changes of one case, as a Parquet file. */
export function changesFile(which: Case): string {
  return join(folder, `${which}.parquet`);
}

/** An engine over `folder/<name>`, as the app has it: its default memory limit, two threads. Close `duckdb` when done. */
export async function engineOn(name: string): Promise<DeltaEngine> {
  const scratch = join(folder, 'scratch');
  const duckdb = await openDuckDb({ scratch });
  return { store: directoryStore(join(folder, name)), duckdb, scratch, clock: systemClock };
}

/** Makes table and changes, unless an earlier call did. */
export async function makeData(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const engine = await engineOn('original');
  const rowsOf = (ids: string, version: string): string => `(SELECT id AS user_id,
      'person.' || (id * 7919 % 99999989) || '@example.com' AS email,
      CASE WHEN hash(id) % 9 > 0 THEN 'Person ' || md5(id::VARCHAR)[:12] END AS display_name,
      ['DE', 'US', 'FR', 'PL', 'IT'][(1 + hash(id) % 5)::INTEGER] AS country, (hash(id) % 4)::INTEGER AS plan_id,
      (hash(id) % 100000 / 100)::DECIMAL(10, 2) AS balance, hash(id) % 50 = 0 AS is_deleted,
      TIMESTAMPTZ '2020-01-01' + INTERVAL (id * 30) SECOND AS created_at,
      TIMESTAMPTZ '${version}' + INTERVAL (hash(id) % 86400000) MILLISECOND AS modified_at FROM (${ids}) ids(id))`;
  const source = rowsOf(`SELECT unnest(range(${rows}))`, '2026-01-01');
  await mergeIntoTable({ table, schema, key: ['user_id'], source, rowsPerFile }, engine);
  for (const which of Object.keys(changes) as Case[]) {
    await engine.duckdb.run(`COPY ${rowsOf(changes[which], '2026-02-01')} TO '${changesFile(which)}' (FORMAT parquet)`);
  }
  engine.duckdb.close();
}

/** A fresh copy of the table, by hard links: the writer only ever adds files. Returns the folder of its store. */
export async function copyTable(name: string): Promise<string> {
  await rm(join(folder, name), { recursive: true, force: true });
  for (const entry of await readdir(join(folder, 'original'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = from.replace(join(folder, 'original'), join(folder, name));
    await mkdir(dirname(to), { recursive: true });
    await link(from, to);
  }
  return join(folder, name);
}
