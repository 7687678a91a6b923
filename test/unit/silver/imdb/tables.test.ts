/** What each SELECT makes of good lines, nasty ones among them. */
import { expect, test } from 'vitest';
import { testLake } from '../../delta/lake.ts';
import { deliver, type Fields, lines, silverRows } from './deliveries.ts';

interface Golden {
  readonly dataSet: string;
  readonly given: readonly Fields[];
  /** Rows by table, in the order of their key. */
  readonly expected: Readonly<Record<string, readonly (readonly unknown[])[]>>;
}

const long = Array.from({ length: 20_000 }, (_, index) => `g${index}`);

const goldens: readonly Golden[] = [
  {
    dataSet: 'title.basics',
    given: [
      { tconst: 'tt1' },
      {
        tconst: 'tt2',
        titleType: 'movie',
        primaryTitle: `"Quoted" 'n' O'Hara, "half`,
        originalTitle: '七人の侍 \u{1f600} \\N not',
        isAdult: '1',
        startYear: '0007',
        endYear: '2147483647',
        runtimeMinutes: '0',
        genres: 'Drama,,Drama',
      },
      { tconst: 'tt3', titleType: '', primaryTitle: ' \r\0', isAdult: '0', genres: '' },
      { tconst: 'tt4', genres: long.join(',') },
    ],
    expected: {
      titles: [
        ['tt1', null, null, null, null, null, null, null],
        ['tt2', 'movie', `"Quoted" 'n' O'Hara, "half`, '七人の侍 \u{1f600} \\N not', true, 7, 2147483647, 0],
        ['tt3', '', ' \r\0', null, false, null, null, null],
        ['tt4', null, null, null, null, null, null, null],
      ],
      title_genres: [
        ['tt2', 1, 'Drama'],
        ['tt2', 3, 'Drama'],
        ...long.map((genre, index) => ['tt4', index + 1, genre]),
      ],
    },
  },
  {
    dataSet: 'title.akas',
    given: [
      { titleId: 'tt1', ordering: '1' },
      { titleId: 'tt1', ordering: '2', types: 'a\u0002b', attributes: 'x', region: 'XWW', isOriginalTitle: '1' },
      { titleId: 'tt1', ordering: '10', types: 'a', attributes: 'x\u0002y\u0002z', title: 'Имя', language: 'ru' },
      { titleId: 'tt2', ordering: '1', types: '\u0002b', attributes: '', isOriginalTitle: '0' },
    ],
    expected: {
      title_akas: [
        ['tt1', 1, 1, null, null, null, null, null, null],
        ['tt1', 2, 1, null, 'XWW', null, true, 'a', 'x'],
        ['tt1', 2, 2, null, 'XWW', null, true, 'b', null],
        ['tt1', 10, 1, 'Имя', null, 'ru', null, 'a', 'x'],
        ['tt1', 10, 2, 'Имя', null, 'ru', null, null, 'y'],
        ['tt1', 10, 3, 'Имя', null, 'ru', null, null, 'z'],
        ['tt2', 1, 1, null, null, null, false, null, null],
        ['tt2', 1, 2, null, null, null, false, 'b', null],
      ],
    },
  },
  {
    dataSet: 'title.crew',
    given: [{ tconst: 'tt1', directors: 'nm2,nm1' }, { tconst: 'tt2', writers: 'nm3' }, { tconst: 'tt3' }],
    expected: {
      title_directors: [
        ['tt1', 1, 'nm2'],
        ['tt1', 2, 'nm1'],
      ],
      title_writers: [['tt2', 1, 'nm3']],
    },
  },
  {
    dataSet: 'title.episode',
    given: [
      { tconst: 'tt1', parentTconst: 'tt9', seasonNumber: '1', episodeNumber: '12' },
      { tconst: 'tt2', parentTconst: 'tt9' },
    ],
    expected: {
      title_episodes: [
        ['tt1', 'tt9', 1, 12],
        ['tt2', 'tt9', null, null],
      ],
    },
  },
  {
    dataSet: 'title.principals',
    given: [
      { tconst: 'tt1', ordering: '1', nconst: 'nm1', category: 'self' },
      {
        tconst: 'tt1',
        ordering: '2',
        nconst: 'nm1',
        job: 'writer (as "X")',
        characters: '["\\"Q\\"\\\\ \\/ \\u00e9\\ud83d\\ude00\\n","","Second"]',
      },
      { tconst: 'tt1', ordering: '3', nconst: 'nm2', characters: '[]' },
      { tconst: 'tt2', ordering: '1', nconst: 'nm2', characters: ' [ "a, [b]" ] ' },
    ],
    expected: {
      title_principals: [
        ['tt1', 1, 'nm1', 'self', null],
        ['tt1', 2, 'nm1', null, 'writer (as "X")'],
        ['tt1', 3, 'nm2', null, null],
        ['tt2', 1, 'nm2', null, null],
      ],
      principal_characters: [
        ['tt1', 2, 1, '"Q"\\ / é\u{1f600}\n'],
        ['tt1', 2, 3, 'Second'],
        ['tt2', 1, 1, 'a, [b]'],
      ],
    },
  },
  {
    dataSet: 'title.ratings',
    given: [
      { tconst: 'tt1', averageRating: '10', numVotes: '1' },
      { tconst: 'tt2', averageRating: '0.0', numVotes: '2147483647' },
      { tconst: 'tt3', averageRating: '9.9', numVotes: '5' },
    ],
    expected: {
      title_ratings: [
        ['tt1', '10.0', 1],
        ['tt2', '0.0', 2147483647],
        ['tt3', '9.9', 5],
      ],
    },
  },
  {
    dataSet: 'name.basics',
    given: [
      {
        nconst: 'nm1',
        primaryName: '三船 敏郎',
        birthYear: '1920',
        deathYear: '1997',
        primaryProfession: 'actor,producer',
        knownForTitles: 'tt1,,tt2',
      },
      { nconst: 'nm2' },
    ],
    expected: {
      people: [
        ['nm1', '三船 敏郎', 1920, 1997],
        ['nm2', null, null, null],
      ],
      person_professions: [
        ['nm1', 1, 'actor'],
        ['nm1', 2, 'producer'],
      ],
      person_known_for: [
        ['nm1', 1, 'tt1'],
        ['nm1', 3, 'tt2'],
      ],
    },
  },
];

test.each(goldens)('$dataSet', async ({ dataSet, given, expected }) => {
  await using lake = await testLake();
  const receipt = await deliver(dataSet, lines(dataSet, given), { sequence: 1 }, lake.engine);
  expect(receipt.quarantine).toEqual({ path: null, rows: 0, bytes: 0 });
  expect(receipt.tables.map(({ table }) => table)).toEqual(Object.keys(expected));
  for (const { table, rowsIn, rows, inserted } of receipt.tables) {
    const golden = expected[table] ?? [];
    expect(await silverRows(table, lake.engine), table).toEqual(golden);
    expect({ rowsIn, rows, inserted }).toEqual({ rowsIn: given.length, rows: golden.length, inserted: golden.length });
  }
});
