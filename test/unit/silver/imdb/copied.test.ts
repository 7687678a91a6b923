/** Generated files as the copy leaves them in bronze, through to silver: what was made is what is found. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { dataSets } from '../../../../local/imdb/data-sets.ts';
import { type WrittenDataSet, writeDataSets } from '../../../../local/imdb/write-data-sets.ts';
import type { DeltaEngine } from '../../../../shared/delta/engine.ts';
import { type FlattenReceipt, flattenDataSet } from '../../../../shared/silver/flatten/flatten-data-set.ts';
import { countOrphans } from '../../../../shared/silver/flatten/orphans.ts';
import { imdbTables } from '../../../../shared/silver/imdb/index.ts';
import { copyDataSet } from '../../../../shared/sources/imdb/copy-data-set.ts';
import type { Landing } from '../../../../shared/sources/imdb/landing.ts';
import { testLake } from '../../delta/lake.ts';
import { parquetRows } from './deliveries.ts';

const landing: Landing = {
  async *list() {},
  read: ({ path }) => createReadStream(path),
};

/** Copies and flattens each data set. Returns the receipts by data set, and how many lines came. */
async function carry(written: Readonly<Record<string, WrittenDataSet>>, sequence: number, engine: DeltaEngine) {
  const receipts: Record<string, FlattenReceipt & { readonly lines: number }> = {};
  for (const [dataSet, { file }] of Object.entries(written)) {
    const { size: bytes } = await stat(file);
    const copy = await copyDataSet(
      {
        file: { path: file, bytes, etag: String(sequence), modifiedAt: '2026-01-01T00:00:00Z' },
        entry: { name: null, dataSet, format: 'tsv' },
        path: `bronze/imdb/${dataSet}/${sequence}/part-0001.parquet`,
        limits: { maxBytes: 2 ** 30, maxRatio: 1000 },
        loadedAt: '2026-01-01T00:00:00Z',
      },
      { landing, store: engine.store },
    );
    const receipt = await flattenDataSet(
      {
        dataSet,
        mode: 'incremental',
        sequence,
        bronze: copy,
        source: { path: basename(file), entry: null },
        quarantinePath: `quarantine/imdb/${dataSet}/${sequence}.parquet`,
      },
      engine,
    );
    receipts[dataSet] = { ...receipt, lines: copy.lines };
  }
  return receipts;
}

test('two deliveries with bad lines of every kind', async () => {
  await using lake = await testLake();
  const { engine } = lake;
  const options = { titles: 400, seed: 7 };
  const bad = {
    'duplicate-key': 2,
    'wrong-type': 3,
    'no-key': 1,
    'too-few-fields': 2,
    'too-many-fields': 1,
    'invalid-utf8': 2,
    'other-line-end': 0,
    'too-long': 1,
  };
  const first = await carry(await writeDataSets(join(engine.scratch, '0'), options), 0, engine);
  expect(Object.keys(first)).toEqual(dataSets.map(({ name }) => name));
  for (const { quarantine, duplicates, tables, lines } of Object.values(first)) {
    expect({ quarantine, duplicates }).toEqual({ quarantine: { path: null, rows: 0, bytes: 0 }, duplicates: 0 });
    expect(tables.map(({ rowsIn }) => rowsIn)).toEqual(tables.map(() => lines));
  }

  const written = await writeDataSets(join(engine.scratch, '1'), { ...options, changes: 0.05, bad });
  const second = await carry(written, 1, engine);
  for (const [dataSet, { quarantine, duplicates, tables }] of Object.entries(second)) {
    const made = written[dataSet]?.bad ?? {};
    const rejected = await parquetRows(quarantine.path ?? '', engine);
    const { 'duplicate-key': repeated = 0, ...others } = made;
    expect(duplicates, dataSet).toBe(repeated);
    expect(new Set(rejected.map(({ line }) => line)).size, dataSet).toBe(
      Object.values(others).reduce((sum, n) => sum + n, 0),
    );
    expect(tables.map(({ kept }) => kept)).toEqual(tables.map(() => 0));
  }
  // Tables that have every field of their data set: what changes in a line changes in its row.
  const tables = { 'title.ratings': 'title_ratings', 'title.episode': 'title_episodes' };
  for (const [dataSet, name] of Object.entries(tables)) {
    const { changed, added, gone } = written[dataSet] as WrittenDataSet;
    const rows = (first[dataSet]?.lines ?? 0) + added - gone;
    expect(changed).toBeGreaterThan(0);
    expect(second[dataSet]?.tables).toMatchObject([
      { table: name, inserted: added, updated: changed, deleted: gone, rows },
    ]);
  }

  const orphans = await countOrphans({ tables: imdbTables.map(({ name }) => name) }, engine);
  expect(orphans).toHaveLength(imdbTables.flatMap(({ references }) => references).length);
  for (const { table, references, orphans: count } of orphans) {
    // Tables of one data set cannot miss each other.
    const [from, to] = [table, references].map(name => imdbTables.find(one => one.name === name)?.dataSet);
    if (from === to) expect(count, `${table} to ${references}`).toBe(0);
    else expect(count).toBeGreaterThanOrEqual(0);
  }
});
