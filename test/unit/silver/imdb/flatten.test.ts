import { expect, test } from 'vitest';
import { openTable } from '../../../../shared/delta/snapshot.ts';
import { overwriteTable } from '../../../../shared/delta/write.ts';
import { flattenDataSet, type TableReceipt } from '../../../../shared/silver/flatten/flatten-data-set.ts';
import { titles } from '../../../../shared/silver/imdb/titles.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import { testLake, watched } from '../../delta/lake.ts';
import { deliver, type Fields, lines, silverRows } from './deliveries.ts';

const basics = (rows: readonly Fields[]): string[] => lines('title.basics', rows);
const ratings = (ids: readonly string[], votes = '5'): string[] =>
  lines(
    'title.ratings',
    ids.map(tconst => ({ tconst, averageRating: '5.0', numVotes: votes })),
  );
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `tt${1000 + index}`);

function counts(tables: readonly TableReceipt[]) {
  return tables.map(({ table, inserted, updated, deleted, kept }) => [table, inserted, updated, deleted, kept]);
}

test('a delivery changes what it changes, and an equal one nothing', async () => {
  await using lake = await testLake();
  const first = [
    { tconst: 'tt1', primaryTitle: 'One', genres: 'Drama,Comedy' },
    { tconst: 'tt2', primaryTitle: 'Two', genres: 'War' },
    { tconst: 'tt3', primaryTitle: 'Three' },
  ];
  await deliver('title.basics', basics(first), { sequence: 1 }, lake.engine);
  const second = [
    { tconst: 'tt4', primaryTitle: 'Four', startYear: '2001' },
    { tconst: 'tt3', primaryTitle: 'Drei' },
    { tconst: 'tt1', primaryTitle: 'One', genres: 'Comedy' },
  ];
  const changed = await deliver('title.basics', basics(second), { sequence: 2 }, lake.engine);
  expect(counts(changed.tables)).toEqual([
    ['titles', 1, 1, 1, 0],
    ['title_genres', 0, 1, 2, 0],
  ]);
  expect((await silverRows('titles', lake.engine)).map(([id, , title, , , year]) => [id, title, year])).toEqual([
    ['tt1', 'One', null],
    ['tt3', 'Drei', null],
    ['tt4', 'Four', 2001],
  ]);
  expect(await silverRows('title_genres', lake.engine)).toEqual([['tt1', 1, 'Comedy']]);

  const equal = await deliver('title.basics', basics(second).reverse(), { sequence: 3 }, lake.engine);
  expect(counts(equal.tables)).toEqual([
    ['titles', 0, 0, 0, 0],
    ['title_genres', 0, 0, 0, 0],
  ]);
  expect(equal.tables).toMatchObject([
    { rows: 3, bytes: 0, filesRewritten: 0 },
    { rows: 1, bytes: 0 },
  ]);
});

test('mode full puts the delivery in place of what was there', async () => {
  await using lake = await testLake();
  await deliver('title.ratings', ratings(['tt1', 'tt2', 'tt3']), { sequence: 1 }, lake.engine);
  const full = await deliver('title.ratings', ratings(['tt3', 'tt4']), { sequence: 2, mode: 'full' }, lake.engine);
  expect(full.tables).toMatchObject([{ rows: 2, inserted: 2, deleted: 3, filesRewritten: 1, version: 1 }]);
  expect(await silverRows('title_ratings', lake.engine)).toEqual([
    ['tt3', '5.0', 5],
    ['tt4', '5.0', 5],
  ]);
});

test('of several lines with one key the last one counts', async () => {
  await using lake = await testLake();
  const given = [
    { titleId: 'tt1', ordering: '1', title: 'first' },
    { titleId: 'tt1', ordering: '2', title: 'other' },
    { titleId: 'tt1', ordering: '01', title: 'second' },
    { titleId: 'tt1', ordering: '1', title: 'last good', types: 'a' },
    { titleId: 'tt1', ordering: '1', title: 'bad', isOriginalTitle: 'no' },
  ];
  const receipt = await deliver('title.akas', lines('title.akas', given), { sequence: 1 }, lake.engine);
  expect(receipt).toMatchObject({ duplicates: 2, quarantine: { rows: 1 }, tables: [{ rowsIn: 2, rows: 2 }] });
  expect((await silverRows('title_akas', lake.engine)).map(row => row[3])).toEqual(['last good', 'other']);
});

test('a delivery is told from its repetition by the sequence, also when it comes late', async () => {
  await using lake = await testLake();
  await deliver('title.ratings', ratings(['tt1']), { sequence: 1 }, lake.engine);
  await deliver('title.ratings', ratings(['tt1', 'tt2']), { sequence: 3 }, lake.engine);
  for (const [sequence, mode] of [
    [3, 'incremental'],
    [2, 'incremental'],
    [3, 'full'],
  ] as const) {
    const again = await deliver('title.ratings', ratings(['tt9']), { sequence, mode }, lake.engine);
    expect(again.tables).toMatchObject([
      { version: 1, rows: 2, rowsIn: 1, inserted: 0, updated: 0, deleted: 0, bytes: 0 },
    ]);
  }
  expect(await silverRows('title_ratings', lake.engine)).toHaveLength(2);
});

test('a call that died between two tables is healed by another', async () => {
  const store = memoryStore();
  let broken = false;
  const failing = watched(store, async (operation, path) => {
    if (broken && operation === 'write' && path.includes('title_genres')) throw new Error('the process dies');
  });
  await using lake = await testLake(failing);
  await deliver('title.basics', basics([{ tconst: 'tt1', genres: 'War' }]), { sequence: 1 }, lake.engine);
  broken = true;
  const delivery = basics([{ tconst: 'tt2', genres: 'Drama' }]);
  await expect(deliver('title.basics', delivery, { sequence: 2 }, lake.engine)).rejects.toThrow('the process dies');
  expect((await silverRows('titles', lake.engine)).map(([id]) => id)).toEqual(['tt2']);
  expect(await silverRows('title_genres', lake.engine)).toEqual([['tt1', 1, 'War']]);

  broken = false;
  const healed = await deliver('title.basics', delivery, { sequence: 2 }, lake.engine);
  expect(counts(healed.tables)).toEqual([
    ['titles', 0, 0, 0, 0],
    ['title_genres', 1, 0, 1, 0],
  ]);
  expect(await silverRows('title_genres', lake.engine)).toEqual([['tt2', 1, 'Drama']]);
});

test('a delivery that has lost more than a fifth of a table is refused as a whole, unless it is said to be full', async () => {
  await using lake = await testLake();
  const all = numbered(600).map(tconst => ({ tconst, genres: 'War' }));
  await deliver('title.basics', basics(all), { sequence: 1 }, lake.engine);
  // All titles are there, but many have lost their genres: the first table would be fine.
  const shrunk = all.map((row, index) => (index < 121 ? { tconst: row.tconst, startYear: '1999' } : row));
  await expect(deliver('title.basics', basics(shrunk), { sequence: 2 }, lake.engine)).rejects.toMatchObject({
    kind: 'permanent',
    code: 'shrunk',
    message: expect.stringMatching(/silver\/imdb\/title_genres: .* lacks 121 of its 600 rows.*mode full/),
  });
  for (const table of ['titles', 'title_genres']) {
    expect(await openTable({ table: `silver/imdb/${table}` }, lake.engine)).toMatchObject({ version: 0 });
  }
  const fifth = all.slice(120);
  const allowed = await deliver('title.basics', basics(fifth), { sequence: 2 }, lake.engine);
  expect(counts(allowed.tables)).toEqual([
    ['titles', 0, 0, 120, 0],
    ['title_genres', 0, 0, 120, 0],
  ]);
  // Small tables may lose everything: a hundred rows are no proof of a broken file.
  const rest = await deliver('title.basics', basics(all.slice(0, 100)), { sequence: 3, mode: 'full' }, lake.engine);
  expect(rest.tables).toMatchObject([{ rows: 100 }, { rows: 100 }]);
  const gone = await deliver('title.basics', basics([{ tconst: 'tt1' }]), { sequence: 4 }, lake.engine);
  expect(gone.tables).toMatchObject([{ deleted: 100 }, { deleted: 100 }]);
});

test('a header without a field of the catalog is refused by name', async () => {
  await using lake = await testLake();
  await deliver('title.ratings', ratings(['tt1']), { sequence: 1 }, lake.engine);
  const header = ['tconst', 'averagerating', 'numVotes'];
  const delivery = deliver('title.ratings', ratings(['tt2']), { sequence: 2, header }, lake.engine);
  await expect(delivery).rejects.toMatchObject({
    kind: 'permanent',
    code: 'missing-column',
    message: expect.stringMatching(/lacks averageRating of title\.ratings \(has: tconst, averagerating, numVotes\)/),
  });
  expect(await silverRows('title_ratings', lake.engine)).toEqual([['tt1', '5.0', 5]]);
});

test('fields may come in any order and with others, whatever those are called', async () => {
  await using lake = await testLake();
  const header = ['numVotes', 'tConst2', 'a "b", c', 'tconst', 'line', 'averageRating', 'field_0'];
  const receipt = await deliver(
    'title.ratings',
    ['7\tx\ty\ttt1\tz\t1.5\tu', '7\tx\ty\ttt2\tz\t15\tu'],
    { sequence: 1, header },
    lake.engine,
  );
  expect(receipt).toMatchObject({
    drift: { added: ['tConst2', 'a "b", c', 'line', 'field_0'] },
    quarantine: { rows: 1 },
  });
  expect(await silverRows('title_ratings', lake.engine)).toEqual([['tt1', '1.5', 7]]);
});

test('a table from before a column was added to the registry takes it on', async () => {
  await using lake = await testLake();
  const schema = titles.columns.filter(({ name }) => name !== 'end_year');
  const old = `(SELECT 'tt' || i AS title_id, 'movie' AS title_type, 'x' AS primary_title, NULL AS original_title,
                NULL AS is_adult, NULL AS start_year, NULL AS runtime_minutes FROM range(3) r(i))`;
  await overwriteTable({ table: 'silver/imdb/titles', schema, source: old }, lake.engine);
  const given = ['tt0', 'tt1', 'tt2'].map(tconst => ({ tconst, titleType: 'movie', primaryTitle: 'x' }));
  const delivery = basics([...given.slice(0, 2), { ...given[2], endYear: '1999' }]);
  const receipt = await deliver('title.basics', delivery, { sequence: 1 }, lake.engine);
  expect(counts(receipt.tables)[0]).toEqual(['titles', 0, 1, 0, 0]);
  expect((await openTable({ table: 'silver/imdb/titles' }, lake.engine)).schema.at(-1)).toMatchObject({
    name: 'end_year',
  });
});

test('bronze must be what the copy left there', async () => {
  await using lake = await testLake();
  await deliver('title.ratings', ratings(['tt1']), { sequence: 1 }, lake.engine);
  const bronze = { path: 'bronze/imdb/title.ratings/1/part-0001.parquet', rows: 2 };
  const request = {
    dataSet: 'title.ratings',
    mode: 'full',
    sequence: 2,
    bronze,
    source: { path: 'x', entry: null },
  } as const;
  const wrongRows = flattenDataSet({ ...request, quarantinePath: 'quarantine/x' }, lake.engine);
  await expect(wrongRows).rejects.toMatchObject({
    code: 'bronze-rows',
    message: expect.stringContaining('expected 2 rows'),
  });
  const unknown = flattenDataSet({ ...request, dataSet: 'title.nothing', quarantinePath: 'quarantine/x' }, lake.engine);
  await expect(unknown).rejects.toMatchObject({
    code: 'no-such-data-set',
    message: expect.stringContaining('title.ratings'),
  });
});
