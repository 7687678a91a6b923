/** Bronze files with the proportions and quirks of IMDb's, made by DuckDB itself. */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { openDuckDb, sqlText } from '../../shared/duckdb/session.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';

/** Two sets of files: all data sets with about two million lines together, and five million lines of one. */
export const sizes = {
  all: { titles: 300_000, dataSets: undefined },
  principals: { titles: 2_500_000, dataSets: ['title.principals'] },
} as const;

export type Size = keyof typeof sizes;

const title = (id: string): string => `'tt' || lpad((${id})::VARCHAR, 7, '0')`;
const person = (id: string): string => `'nm' || lpad((${id})::VARCHAR, 7, '0')`;
const some = (share: number, salt: number, value: string): string =>
  `CASE WHEN hash(id, ${salt}) % 1000 < ${share * 1000} THEN ${value} ELSE '\\N' END`;
const words = (salt: number): string =>
  `'The ' || md5(id || ':${salt}')[:9] || ' of "' || md5(id || '-${salt}')[:7] || '"'`;
const anyOf = (values: readonly string[], salt: number): string =>
  `[${values.map(sqlText)}][(1 + hash(id, ${salt}) % ${values.length})::INTEGER]`;
const year = (salt: number): string => `(1900 + hash(id, ${salt}) % 125)::VARCHAR`;
const genres = ['Drama', 'Comedy', 'Documentary', 'Short', 'Talk-Show', 'Sci-Fi'];
const list = (values: readonly string[]): string => `concat_ws(',', ${values.join(', ')})`;

interface Shape {
  readonly rows: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** Per data set its lines and, per field, SQL over `id`, which counts from 0. */
const shapes = (titles: number): Readonly<Record<string, Shape>> => ({
  'title.basics': {
    rows: titles,
    fields: {
      tconst: title('id'),
      titleType: anyOf(['movie', 'short', 'tvEpisode', 'tvSeries', 'video'], 1),
      primaryTitle: words(2),
      originalTitle: words(2),
      isAdult: `(hash(id, 3) % 50 = 0)::INTEGER::VARCHAR`,
      startYear: some(0.9, 4, year(4)),
      endYear: some(0.02, 5, year(5)),
      runtimeMinutes: some(0.4, 6, `(hash(id, 6) % 200)::VARCHAR`),
      genres: some(0.95, 7, list([anyOf(genres, 7), `CASE WHEN hash(id, 8) % 2 = 0 THEN ${anyOf(genres, 8)} END`])),
    },
  },
  'title.akas': {
    rows: titles * 1.5,
    fields: {
      titleId: title('id // 3 * 2'),
      ordering: `(1 + id % 3)::VARCHAR`,
      title: words(9),
      region: some(0.8, 10, anyOf(['US', 'DE', 'JP', 'FR', 'IN', 'XWW'], 10)),
      language: some(0.3, 11, anyOf(['en', 'ja', 'hi'], 11)),
      types: some(0.4, 12, `'imdbDisplay' || CASE WHEN hash(id, 13) % 40 = 0 THEN chr(2) || 'working' ELSE '' END`),
      attributes: some(0.02, 14, `'literal title'`),
      isOriginalTitle: `(id % 3 = 0)::INTEGER::VARCHAR`,
    },
  },
  'title.crew': {
    rows: titles,
    fields: {
      tconst: title('id'),
      directors: some(0.6, 15, list([person(`hash(id, 15) % ${titles}`)])),
      writers: some(0.5, 16, list([person(`hash(id, 16) % ${titles}`), person(`hash(id, 17) % ${titles}`)])),
    },
  },
  'title.episode': {
    rows: titles * 0.4,
    fields: {
      tconst: title('id * 2 + 1'),
      parentTconst: title(`hash(id, 18) % ${titles}`),
      seasonNumber: some(0.8, 19, `(1 + hash(id, 19) % 20)::VARCHAR`),
      episodeNumber: some(0.8, 19, `(1 + hash(id, 20) % 50)::VARCHAR`),
    },
  },
  'title.principals': {
    rows: titles * 2,
    fields: {
      tconst: title('id // 4 * 2'),
      ordering: `(1 + id % 4)::VARCHAR`,
      nconst: person(`hash(id, 21) % ${titles}`),
      category: anyOf(['actor', 'actress', 'director', 'producer', 'self'], 22),
      job: some(0.2, 23, `'director of photography'`),
      characters: some(0.5, 24, `'["' || md5(id || 'c')[:8] || ' \\"the\\" \\u00e9"]'`),
    },
  },
  'title.ratings': {
    rows: titles * 0.2,
    fields: {
      tconst: title('id * 5'),
      averageRating: `(1 + hash(id, 25) % 9)::VARCHAR || '.' || (hash(id, 26) % 10)::VARCHAR`,
      numVotes: `(5 + hash(id, 27) % 100000)::VARCHAR`,
    },
  },
  'name.basics': {
    rows: titles,
    fields: {
      nconst: person('id'),
      primaryName: `'Person ' || md5(id::VARCHAR)[:12]`,
      birthYear: some(0.2, 28, year(28)),
      deathYear: some(0.1, 29, year(29)),
      primaryProfession: some(0.8, 30, list([anyOf(['actor', 'director', 'writer'], 30), `'producer'`])),
      knownForTitles: some(0.85, 31, list([31, 32, 33].map(salt => title(`hash(id, ${salt}) % ${titles}`)))),
    },
  },
});

/** Where the files of one size lie, and the silver tables made of them. */
export function folderOf(size: Size): string {
  return join(tmpdir(), 'imdb-flatten-claim', size);
}

export function dataSetsOf(size: Size): readonly string[] {
  return sizes[size].dataSets ?? Object.keys(shapes(0));
}

export function linesOf(size: Size, dataSet: string): number {
  return shapes(sizes[size].titles)[dataSet]?.rows ?? 0;
}

/** Path in the store of the first delivery, or of the second: the same with one line in a hundred changed. */
export function bronzePath(dataSet: string, delivery: 1 | 2): string {
  return `bronze/imdb/${dataSet}/2026-01-0${delivery}/part-0001.parquet`;
}

/** An engine as the app has it: its default memory limit, two threads. Close `duckdb` when done. */
export async function openEngine(size: Size): Promise<DeltaEngine> {
  const scratch = join(folderOf(size), 'scratch');
  const duckdb = await openDuckDb({ scratch });
  return { store: directoryStore(folderOf(size)), duckdb, scratch, clock: systemClock };
}

/** Makes both deliveries of every data set, as a copy leaves them in bronze. */
export async function makeBronze(size: Size): Promise<void> {
  await rm(folderOf(size), { recursive: true, force: true });
  const { duckdb } = await openEngine(size);
  // Lines in the order of their keys, as IMDb's are.
  await duckdb.run('SET preserve_insertion_order = true');
  for (const dataSet of dataSetsOf(size)) {
    for (const delivery of [1, 2] as const) {
      const file = join(folderOf(size), bronzePath(dataSet, delivery));
      await mkdir(dirname(file), { recursive: true });
      const rows = bronzeRows(size, dataSet, delivery);
      await duckdb.run(`COPY (${rows}) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`);
    }
  }
  duckdb.close();
}

/** The field that the second delivery changes, and what it says there; changes are next to each other, as new titles are. */
const changed: Readonly<Record<string, readonly [field: string, value: string]>> = {
  'title.basics': ['runtimeMinutes', `'999'`],
  'title.akas': ['title', `'changed'`],
  'title.crew': ['directors', person('7')],
  'title.episode': ['seasonNumber', `'99'`],
  'title.principals': ['category', `'changed'`],
  'title.ratings': ['numVotes', `'999999'`],
  'name.basics': ['primaryName', `'changed'`],
};

function bronzeRows(size: Size, dataSet: string, delivery: 1 | 2): string {
  const { rows, fields } = shapes(sizes[size].titles)[dataSet] as Shape;
  const [field, value] = changed[dataSet] ?? [];
  const columns = Object.entries(fields).map(([name, expression]) =>
    delivery === 2 && name === field
      ? `CASE WHEN id < ${rows / 100} THEN ${value} ELSE ${expression} END AS "${name}"`
      : `${expression} AS "${name}"`,
  );
  return `SELECT ${columns}, id + 2 AS _line, CAST(NULL AS BLOB) AS _malformed, CAST(NULL AS VARCHAR) AS _reason
          FROM range(${rows}) ids(id)`;
}
