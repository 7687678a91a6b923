import { expect, test } from 'vitest';
import { testLake } from '../../delta/lake.ts';
import { deliver, type Fields, lines, parquetRows, silverRows } from './deliveries.ts';

const integer = 'expected a whole number from 0 to 2147483647, got';

/** A row that is good but for one field, per fault; `\N` and the empty text where a value is required among them. */
const faults: readonly (readonly [dataSet: string, row: Fields, reason: string])[] = [
  ...[
    '19x4',
    ' 1994',
    '+1994',
    '-1',
    '1994.0',
    '1e3',
    '１９９４',
    '',
    '2147483648',
    '0x1F',
    '1_000',
    '9'.repeat(30),
  ].map(startYear => ['title.basics', { tconst: 'tt1', startYear }, `startYear: ${integer} "${startYear}"`] as const),
  ...['true', '2', '', ' 1'].map(
    isAdult => ['title.basics', { tconst: 'tt1', isAdult }, `isAdult: expected 0 or 1, got "${isAdult}"`] as const,
  ),
  ...['10.1', '11', '-1', '5.', '.5', '5.55', '5,5', '1e1', '\\N', ''].map(
    averageRating =>
      [
        'title.ratings',
        { tconst: 'tt1', averageRating, numVotes: '1' },
        `averageRating: expected a number from 0 to 10 with at most one decimal, got "${averageRating}"`,
      ] as const,
  ),
  ...[
    'x',
    '{}',
    '"a"',
    'null',
    '',
    '["a"',
    '["a",]',
    '["a",1]',
    '["a",null]',
    '[["a"]]',
    "['a']",
    '["a"] x',
    '["\\ud800"]',
    '["\\x"]',
    '["\t"]'.replace('\t', '\n'),
    '[,"a"]',
  ].map(
    characters =>
      [
        'title.principals',
        { tconst: 'tt1', ordering: '1', nconst: 'nm1', characters },
        `characters: expected a JSON array of strings, got "${characters}"`,
      ] as const,
  ),
  ['title.principals', { tconst: 'tt1', ordering: '\\N', nconst: 'nm1' }, `ordering: ${integer} "\\N"`],
  ['title.principals', { tconst: 'tt1', ordering: '1', nconst: '' }, 'nconst: expected a value, got ""'],
  ['title.basics', { tconst: '\\N' }, 'tconst: expected a value, got "\\N"'],
];

test.each([...new Set(faults.map(([dataSet]) => dataSet))])(
  '%s: what does not fit is set aside with its reason',
  async name => {
    await using lake = await testLake();
    const own = faults.filter(([dataSet]) => dataSet === name);
    const receipt = await deliver(
      name,
      lines(
        name,
        own.map(([, row]) => row),
      ),
      { sequence: 7 },
      lake.engine,
    );
    const path = `quarantine/imdb/${name}/7.parquet`;
    expect(receipt).toMatchObject({ quarantine: { path, rows: own.length }, duplicates: 0 });
    expect(receipt.tables.map(({ rowsIn, rows }) => [rowsIn, rows])).toEqual(receipt.tables.map(() => [0, 0]));
    const quarantined = await parquetRows(path, lake.engine);
    expect(quarantined.map(({ reasons }) => reasons)).toEqual(own.map(([, , reason]) => reason));
    expect(quarantined.map(({ line }) => Number(line))).toEqual(own.map((_, index) => index + 2));
    for (const [index, { row }] of quarantined.entries())
      expect(JSON.parse(String(row))).toMatchObject(own[index]?.[1] ?? {});
  },
);

test('a line in quarantine tells whence it came and all that it held', async () => {
  await using lake = await testLake();
  const pieces = [Buffer.from('tt2\tmov\xff', 'latin1'), Buffer.from('ie\0"\r', 'latin1'), Buffer.alloc(70_000, 'e')];
  const header = ['tconst', 'averageRating', 'numVotes', 'mood', 'moods'];
  const given = [
    'tt1\t1.5\tmany\tsad "x"\t\0',
    pieces,
    'tt3\t1.5',
    'tt4\tx\t-1\t\\N\t',
    [Buffer.alloc(0)],
    'tt5\t1.0\t1\t\t',
  ];
  const receipt = await deliver('title.ratings', given, { sequence: 1, header }, lake.engine);
  expect(receipt).toMatchObject({ quarantine: { rows: 7 }, tables: [{ rowsIn: 1, rows: 1 }] });
  const rows = await parquetRows(receipt.quarantine.path ?? '', lake.engine);
  const from = { source: 'title.ratings.tsv.gz', entry: null, bronze: 'bronze/imdb/title.ratings/1/part-0001.parquet' };
  expect(rows).toMatchObject(rows.map(() => from));
  expect(rows.map(({ line, bronze_row, reasons }) => [Number(line), Number(bronze_row), reasons])).toEqual([
    [2, 0, `numVotes: ${integer} "many"`],
    [3, 1, 'a malformed line'],
    [3, 2, 'a malformed line'],
    [3, 3, 'a malformed line'],
    [4, 4, 'expected 5 fields, got 2'],
    [
      5,
      5,
      `averageRating: expected a number from 0 to 10 with at most one decimal, got "x"; numVotes: ${integer} "-1"`,
    ],
    [6, 6, 'a malformed line'],
  ]);
  expect(rows.map(({ row }) => (row === null ? null : JSON.parse(String(row))))).toEqual([
    { tconst: 'tt1', averageRating: '1.5', numVotes: 'many', mood: 'sad "x"', moods: '\0' },
    null,
    null,
    null,
    null,
    { tconst: 'tt4', averageRating: 'x', numVotes: '-1', mood: '\\N', moods: '' },
    null,
  ]);
  await lake.engine.store.download(receipt.quarantine.path ?? '', `${lake.engine.scratch}/q.parquet`);
  const bytes = await lake.engine.duckdb.rows(
    `SELECT line, hex(string_agg(hex(malformed), '' ORDER BY bronze_row)) AS hex FROM '${lake.engine.scratch}/q.parquet'
     WHERE malformed IS NOT NULL GROUP BY line ORDER BY line`,
  );
  // Of a long piece bronze has the rest.
  const short = pieces.map(piece => piece.subarray(0, 64 * 1024));
  const malformed = [Buffer.concat(short), Buffer.from('tt3\t1.5'), Buffer.alloc(0)];
  expect(bytes.map(({ hex }) => Buffer.from(Buffer.from(String(hex), 'hex').toString(), 'hex'))).toEqual(malformed);
});

test('a title whose line is in quarantine keeps its last good rows', async () => {
  await using lake = await testLake();
  const first = ['1', '2', '3', '4'].map(id => ({ tconst: `tt${id}`, primaryTitle: 'old', genres: 'War,News' }));
  await deliver('title.basics', lines('title.basics', first), { sequence: 1 }, lake.engine);
  const given = [
    ...lines('title.basics', [
      { tconst: 'tt1', startYear: 'x' },
      { tconst: 'tt2', startYear: 'x' },
      { tconst: 'tt2', primaryTitle: 'new', genres: 'War' },
    ]),
    'tt3\tmovie\ttab\tin title',
    [Buffer.from('tt44\tlong'), Buffer.from('tt4\t…')],
  ];
  const second = await deliver('title.basics', given, { sequence: 2 }, lake.engine);
  // tt2 has a good line too, and of tt4 nothing was delivered: neither is held back.
  expect(second.tables).toMatchObject([
    { table: 'titles', updated: 1, deleted: 1, kept: 2, rows: 3 },
    { table: 'title_genres', updated: 0, deleted: 3, kept: 4, rows: 5 },
  ]);
  expect((await silverRows('titles', lake.engine)).map(([id, , title]) => [id, title])).toEqual([
    ['tt1', 'old'],
    ['tt2', 'new'],
    ['tt3', 'old'],
  ]);
  // Kept rows do not count as lost, and go once the title is delivered again.
  const third = await deliver('title.basics', lines('title.basics', [{ tconst: 'tt1' }]), { sequence: 3 }, lake.engine);
  expect(third.tables).toMatchObject([
    { updated: 1, deleted: 2, kept: 0, rows: 1 },
    { updated: 0, deleted: 5, kept: 0, rows: 0 },
  ]);
});

test('of a title with several lines only those that are in quarantine are held back, and those that nobody knows', async () => {
  await using lake = await testLake();
  const credit = (ordering: string, characters: string) => ({ tconst: 'tt1', ordering, nconst: 'nm1', characters });
  const name = 'title.principals';
  const first = [credit('1', '["a","b"]'), credit('2', '["c"]'), credit('3', '["d"]')];
  await deliver(name, lines(name, first), { sequence: 1 }, lake.engine);
  const second = [credit('1', '["a"]'), credit('2', 'no JSON')];
  const receipt = await deliver(name, lines(name, second), { sequence: 2 }, lake.engine);
  expect(receipt.tables).toMatchObject([
    { table: 'title_principals', deleted: 0, kept: 2, rows: 3 },
    { table: 'principal_characters', deleted: 1, kept: 2, rows: 3 },
  ]);
  expect((await silverRows('principal_characters', lake.engine)).map(row => row.at(-1))).toEqual(['a', 'c', 'd']);
});
