/** What the tables hold of good movies, nasty ones among them, and what becomes of those that are not good. */
import { expect, test } from 'vitest';
import { quarantineMoviesPath, silverPartitionPath } from '../../../../shared/catalog/lake-paths.ts';
import { duckDbType } from '../../../../shared/delta/schema.ts';
import { sqlText } from '../../../../shared/duckdb/session.ts';
import { tmdbTables } from '../../../../shared/silver/tmdb/index.ts';
import { transformList } from '../../../../shared/silver/transform/transform-list.ts';
import { directoryStore } from '../../../../shared/storage/directory-store.ts';
import { testLake } from '../../delta/lake.ts';
import { json, land, page, silverRows } from './landings.ts';

const landed = ['2026-01-31 12:00:00+00', 'tmdb-20260131T120000000Z', '2026-01-31', 'popular'];

/** As text: what JSON.stringify would write otherwise is what these are about. */
const nasty = String.raw`{"page":1,"results":[
  {"adult":false,"backdrop_path":"/b.jpg","genre_ids":[28,878,28],"id":603,"original_language":"en",
   "original_title":"The \"Matrix\" \ud83d\ude00 'n' \\ud83d","overview":"one\r\ntwo\u0000\u2028 \\N","popularity":81.1234567890123,
   "poster_path":null,"release_date":"1999-03-31","title":"Матрица 😀","video":true,"vote_average":7.855,"vote_count":2147483647,
   "extra":{"deep":[1]}},
  {"genre_ids":[],"id":9007199254740991,"overview":"cut \ud83d","title":"\udc00\ud83d\ude00\ud83d","release_date":"","popularity":0,
   "vote_average":10,"vote_count":0},
  {"id":7,"release_date":null,"vote_average":0.001,"popularity":1e-7,"poster_path":"","adult":null,"genre_ids":null}
],"total_pages":1,"total_results":3}`;

test('the rows of every table are what the movies say, value for value', async () => {
  await using lake = await testLake();
  const genres = 'bronze/tmdb/genres/2026/01/31/run/page-0001.json';
  await lake.store.write(
    genres,
    '{"genres":[{"id":28,"name":"Action"},{"id":28,"name":"Action"},{"id":1,"name":"x"}]}',
  );
  const landing = await land([nasty, page([{ id: 8, title: 'Second page' }])], {}, lake.store);
  const receipt = await transformList({ ...landing, genres }, lake.engine);

  expect(receipt).toMatchObject({ outcome: 'replaced', quarantined: 0 });
  expect(receipt.tables.map(({ table, rowsIn, rows }) => [table, rowsIn, rows])).toEqual([
    ['movie_lists', 4, 4],
    ['movies', 4, 4],
    ['movie_genres', 4, 3],
  ]);
  expect(await silverRows('movie_lists', 'FROM silver ORDER BY rank', lake.engine)).toEqual([
    [1, 1, 1, '603', 81.1234567890123, '7.855', 2147483647, ...landed],
    [2, 1, 2, '9007199254740991', 0, '10.000', 0, ...landed],
    [3, 1, 3, '7', 1e-7, '0.001', null, ...landed],
    [4, 2, 1, '8', null, null, null, ...landed],
  ]);
  const longest = 'FROM silver WHERE overview IS NOT NULL ORDER BY movie_id';
  const [matrix, cut] = await silverRows('movies', longest, lake.engine);
  expect(matrix).toEqual([
    ...['603', 'Матрица 😀', `The "Matrix" 😀 'n' \\ud83d`, 'en', '1999-03-31', false, true],
    ...['one\r\ntwo\0\u2028 \\N', 81.1234567890123, '7.855', 2147483647, null, '/b.jpg', ...landed],
  ]);
  // Half a surrogate pair is no character: U+FFFD stands for it, and bronze has what came.
  expect(cut?.slice(0, 8)).toEqual(['9007199254740991', '\ufffd😀\ufffd', null, null, null, null, null, 'cut \ufffd']);
  expect(await silverRows('movie_genres', 'FROM silver ORDER BY position', lake.engine)).toEqual([
    ['603', 1, 28, 'Action', ...landed],
    ['603', 2, 878, null, ...landed],
    ['603', 3, 28, 'Action', ...landed],
  ]);
});

test('a movie on two pages keeps its first rank, and a page that was rejected is left out', async () => {
  await using lake = await testLake();
  const pages = [page([{ id: 1 }, { id: 2 }]), '<html>', page([{ id: 2 }, { id: 3 }]), page([{ id: 1 }, { id: 4 }])];
  await transformList(await land(pages, { rejected: [2] }, lake.store), lake.engine);
  const columns = 'SELECT rank, page, position_on_page, movie_id FROM silver ORDER BY rank';
  expect(await silverRows('movie_lists', columns, lake.engine)).toEqual([
    [1, 1, 1, '1'],
    [2, 1, 2, '2'],
    [3, 3, 2, '3'],
    [4, 4, 2, '4'],
  ]);
});

const misfits: readonly [field: string, json: string][] = [
  ['id', '"603"'],
  ['id', '1.0'],
  ['id', '0'],
  ['id', '-5'],
  ['id', '9007199254740993'],
  ['id', '1e400'],
  ['id', 'null'],
  ['title', '5'],
  ['overview', '["x"]'],
  ['release_date', '"2026-02-30"'],
  ['release_date', '"2026-1-1"'],
  ['release_date', '"0000-01-01"'],
  ['release_date', '" "'],
  ['adult', '"false"'],
  ['video', '0'],
  ['popularity', '1e400'],
  ['popularity', '-1e400'],
  ['popularity', '"3"'],
  ['vote_average', '7.8555'],
  ['vote_average', '10.001'],
  ['vote_average', '-1'],
  ['vote_count', '-1'],
  ['vote_count', '1.5'],
  ['vote_count', '2147483648'],
  ['genre_ids', '[28,"12"]'],
  ['genre_ids', '[1.5]'],
  ['genre_ids', '28'],
];

test('a movie with a value that does not fit is set aside with the reason, and keeps its place', async () => {
  await using lake = await testLake();
  const movies = misfits.map(([field, value], index) =>
    field === 'id' ? `{"id":${value}}` : `{"id":${index + 1},"${field}":${value}}`,
  );
  const body = `{"results":[${movies},null,[],{"id":999,"vote_count":-1,"vote_average":11},{"id":999}]}`;
  const landing = await land([body], {}, lake.store);
  const { quarantined, tables } = await transformList(landing, lake.engine);

  expect(quarantined).toBe(misfits.length + 3);
  expect(tables.map(({ rowsIn, rows }) => [rowsIn, rows])).toEqual([
    [misfits.length + 4, 1],
    [misfits.length + 4, 1],
    [misfits.length + 4, 0],
  ]);
  const places = await silverRows('movie_lists', 'SELECT rank, position_on_page, movie_id FROM silver', lake.engine);
  expect(places).toEqual([[misfits.length + 3, misfits.length + 4, '999']]);

  const path = quarantineMoviesPath(landing.folder);
  const reports = (await json(path, lake.store)) as readonly Record<string, unknown>[];
  expect(reports.map(report => report['position'])).toEqual(reports.map((_, index) => index + 1));
  for (const [index, [field, value]] of misfits.entries()) {
    const { bronze, page, reasons } = reports[index] ?? {};
    expect({ bronze, page, reasons }).toEqual({ bronze: landing.folder, page: 1, reasons: [expect.any(String)] });
    const reason = String((reasons as string[])[0]);
    expect(reason.startsWith(`${field}: expected `), reason).toBe(true);
    expect(reason.endsWith(`, got ${value}`), reason).toBe(true);
  }
  expect(reports.slice(-3).map(({ reasons, movie }) => [reasons, movie])).toEqual([
    [['expected a movie, got null'], null],
    [['expected a movie, got []'], []],
    [
      [expect.stringMatching(/^vote_average: .* got 11$/), expect.stringMatching(/^vote_count: .* got -1$/)],
      { id: 999, vote_count: -1, vote_average: 11 },
    ],
  ]);
});

test('a page that cannot be read is set aside as a whole', async () => {
  await using lake = await testLake();
  const pages = [Buffer.from('{"results":[{"id":1,"title":"\xff"}]}', 'latin1'), '{"results":{}}', page([{ id: 2 }])];
  const landing = await land(pages, {}, lake.store);
  expect(await transformList(landing, lake.engine)).toMatchObject({ quarantined: 2, tables: [{ rows: 1 }, {}, {}] });
  const reasons = ['expected a page of JSON with an array named results'];
  expect(await json(quarantineMoviesPath(landing.folder), lake.store)).toEqual([
    { bronze: landing.folder, page: 1, position: null, reasons, movie: null },
    { bronze: landing.folder, page: 2, position: null, reasons, movie: null },
  ]);
});

test.each([[[]], [[page([])]]])('an empty list is a partition without rows: %j', async pages => {
  await using lake = await testLake();
  const landing = await land(pages, {}, lake.store);
  expect(await transformList(landing, lake.engine)).toMatchObject({
    outcome: 'replaced',
    tables: tmdbTables.map(({ name }) => ({ table: name, rowsIn: 0, rows: 0 })),
  });
  for (const { name } of tmdbTables) expect(await silverRows(name, 'FROM silver', lake.engine)).toEqual([]);
});

test('a file has the columns of the registry and zstd pages; list and date are in its path', async () => {
  await using lake = await testLake();
  const store = directoryStore(`${lake.engine.scratch}/lake`);
  const landing = await land([nasty], {}, store);
  await transformList(landing, { ...lake.engine, store });
  for (const { name, columns } of tmdbTables) {
    const path = silverPartitionPath('tmdb', name, 'popular', '2026-01-31');
    const file = sqlText(store.localPath?.(path) ?? '');
    const described = await lake.engine.duckdb.rows(`DESCRIBE FROM read_parquet(${file}, hive_partitioning = false)`);
    expect(described.map(row => [row['column_name'], row['column_type']])).toEqual(
      columns.map(column => [column.name, duckDbTypeName(column.type)]),
    );
    const codecs = await lake.engine.duckdb.rows(`SELECT DISTINCT compression FROM parquet_metadata(${file})`);
    expect(codecs).toEqual([{ compression: 'ZSTD' }]);
  }
});

function duckDbTypeName(type: Parameters<typeof duckDbType>[0]): string {
  return duckDbType(type).replace('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE');
}
