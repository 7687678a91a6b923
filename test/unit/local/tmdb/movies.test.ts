import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDataSets } from '../../../../local/imdb/write-data-sets.ts';
import { chartsOf, listNames } from '../../../../local/servers/tmdb/lists.ts';
import { loadMovies, type Movie, type Movies } from '../../../../local/servers/tmdb/movies.ts';
import { rowsOf } from '../imdb/files.ts';

const seed = 3;
const titles = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'tmdb-'));
let movies: Movies;
let basics: ReadonlyMap<string, readonly string[]>;
let ratings: ReadonlyMap<string, readonly string[]>;
let akas: ReadonlyMap<string, readonly string[][]>;

beforeAll(async () => {
  movies = await loadMovies(seed, titles);
  const written = await writeDataSets(folder, { seed, titles, only: ['title.basics', 'title.ratings', 'title.akas'] });
  const rows = (name: string): string[][] => rowsOf(written[name]?.file ?? '');
  basics = new Map(rows('title.basics').map(row => [row[0] ?? '', row]));
  ratings = new Map(rows('title.ratings').map(row => [row[0] ?? '', row]));
  akas = Map.groupBy(rows('title.akas'), row => row[0] ?? '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('agreement with the files of IMDb of the same seed and size', () => {
  test('every movie is a title there, with the same titles, year, minutes and adult flag', () => {
    expect(movies.all.length).toBeGreaterThan(titles / 2);
    for (const movie of movies.all) {
      expect(basics.get(movie.imdbId)).toEqual([
        movie.imdbId,
        expect.stringMatching(/^(movie|short|tvMovie|video)$/),
        movie.title,
        movie.originalTitle,
        movie.adult ? '1' : '0',
        movie.releaseDate === '' ? '\\N' : movie.releaseDate.slice(0, 4),
        '\\N',
        movie.minutes === undefined ? '\\N' : String(movie.minutes),
        expect.any(String),
      ]);
    }
  });

  test('every movie there is one here', () => {
    const known = new Set(movies.all.map(({ imdbId }) => imdbId));
    const there = [...basics.values()].filter(([, kind]) => kind === 'movie');
    expect(there.filter(([id = '']) => !known.has(id))).toEqual([]);
  });

  test('ratings round to those there, and who is not rated there is not rated here', () => {
    for (const { imdbId, voteAverage, voteCount } of movies.all) {
      const average = ratings.get(imdbId)?.[1];
      if (average === undefined) expect([voteAverage, voteCount]).toEqual([0, 0]);
      else expect([voteAverage.toFixed(1), voteCount > 0]).toEqual([average, true]);
    }
  });

  test('genres are those there that TMDB has, under its names', () => {
    const renamed: Record<string, string> = { 'Sci-Fi': 'Science Fiction', Musical: 'Music' };
    for (const { imdbId, genres } of movies.all) {
      const [, kind, , , , , , , there = ''] = basics.get(imdbId) ?? [];
      const names = there.split(',').map(name => renamed[name] ?? name);
      for (const { name } of genres) expect(name === 'TV Movie' ? kind === 'tvMovie' : names.includes(name)).toBe(true);
      if (names.includes('Drama')) expect(genres).toContainEqual({ id: 18, name: 'Drama' });
    }
  });

  test('a title in another language is the one of its country there', () => {
    const [french, inFrance] = [movies.translation('fr'), movies.translation('fr-FR')];
    const renamed = movies.all.filter(movie => inFrance.title(movie) !== movie.title);
    expect(renamed.length).toBeGreaterThan(100);
    for (const movie of renamed) {
      const names = akas.get(movie.imdbId)?.filter(row => row[3] === 'FR');
      expect(names?.map(row => row[2])).toContain(inFrance.title(movie));
      expect(french.title(movie)).toBe(inFrance.title(movie));
    }
  });
});

test('what is odd about the real ones is odd about these', () => {
  const some = (is: (movie: Movie) => boolean): number => movies.all.filter(is).length;
  const scripts = [/\p{Script=Cyrillic}/u, /\p{Script=Han}/u, /\p{Script=Arabic}/u, /\p{Script=Hangul}/u, /["']/];
  for (const script of scripts) expect(some(({ title }) => script.test(title))).toBeGreaterThan(10);
  expect(some(({ posterPath }) => posterPath === null)).toBeGreaterThan(100);
  expect(some(({ backdropPath }) => backdropPath === null)).toBeGreaterThan(100);
  expect(some(({ overview }) => overview === '')).toBeGreaterThan(100);
  expect(some(({ releaseDate }) => releaseDate === '')).toBeGreaterThan(50);
  expect(some(({ genres }) => genres.length === 0)).toBeGreaterThan(50);
  expect(some(({ adult }) => adult)).toBeGreaterThan(10);
});

test('the language of an original title is that of its words', () => {
  const inRussian = movies.all.filter(({ originalTitle }) => /\p{Script=Cyrillic}/u.test(originalTitle));
  expect(new Set(inRussian.map(({ originalLanguage }) => originalLanguage))).toEqual(new Set(['ru']));
  const inKorean = movies.all.filter(({ originalLanguage }) => originalLanguage === 'ko');
  expect(inKorean.every(({ originalTitle }) => /\p{Script=Hangul}/u.test(originalTitle))).toBe(true);
});

test('each movie is found by either number, and by no other', () => {
  for (const movie of movies.all) {
    expect(movies.byId(movie.id)).toEqual(movie);
    expect(movies.byImdbId(movie.imdbId)).toEqual(movie);
  }
  const ids = new Set(movies.all.map(({ id }) => id));
  fc.assert(
    fc.property(fc.integer({ min: -100, max: 100_000 }), id => (movies.byId(id) !== undefined) === ids.has(id)),
  );
  expect(['tt1', 'nm0000001', 'tt00000000', 'tt0010001', ''].map(movies.byImdbId)).toEqual(Array(5).fill(undefined));
});

describe('lists', () => {
  const days = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-12-31'), noInvalidDate: true });
  const markets = fc.constantFrom('', 'US', 'DE', 'JP');

  test('are the same whenever asked, of movies that are there once and none of them for adults', () => {
    const cases = fc.tuple(days, markets, fc.constantFrom(...listNames));
    fc.assert(
      fc.property(cases, ([date, region, name]) => {
        const day = date.toISOString().slice(0, 10);
        const list = chartsOf(movies, day).list(name, region);
        expect(chartsOf(movies, day).list(name, region)).toEqual(list);
        const ids = list.movies.map(({ movie }) => movie.id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBeGreaterThan(500);
        expect(list.movies.some(({ movie }) => movie.adult)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  test('of releases are one after the other: what is upcoming plays three weeks later', () => {
    const upcoming = chartsOf(movies, '2026-11-22').list('upcoming', 'US');
    const playing = chartsOf(movies, '2026-12-13').list('now_playing', 'US');
    const ids = new Set(playing.movies.map(({ movie }) => movie.id));
    expect(upcoming.movies.filter(({ movie }) => !ids.has(movie.id))).toEqual([]);
  });
});
