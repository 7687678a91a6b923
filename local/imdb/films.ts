/**
 * Real films with their directors and ratings, so that what is shown looks real: `movies.json` of the npm package `vega-datasets`
 * (BSD-3-Clause), the films with the most votes first.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Film {
  readonly title: string;
  readonly director: string | null;
  readonly year: number | null;
  readonly minutes: number | null;
  /** IMDb's names, comma-separated. */
  readonly genres: string | null;
  readonly rating: { readonly average: string; readonly votes: number } | null;
}

interface Source {
  readonly Title: string | number | null;
  readonly Director: string | null;
  readonly 'Release Date': string;
  readonly 'Running Time min': number | null;
  readonly 'Major Genre': string | null;
  readonly 'IMDB Rating': number | null;
  readonly 'IMDB Votes': number | null;
}

/** The same films in the same order every time. */
export async function loadFilms(): Promise<Film[]> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..');
  const sources = JSON.parse(await readFile(join(folder, 'data', 'movies.json'), 'utf8')) as Source[];
  return sources
    .filter(({ Title }) => Title !== null)
    .sort((one, other) => (other['IMDB Votes'] ?? 0) - (one['IMDB Votes'] ?? 0))
    .map(filmOf);
}

function filmOf(source: Source): Film {
  const [average, votes] = [source['IMDB Rating'], source['IMDB Votes']];
  return {
    title: readable(String(source.Title)),
    director: source.Director === null ? null : readable(source.Director),
    year: yearOf(source['Release Date']),
    minutes: source['Running Time min'],
    genres: genreNames[source['Major Genre'] ?? ''] ?? null,
    rating: average === null || votes === null ? null : { average: average.toFixed(1), votes },
  };
}

/** The source took two digits for the year, and every film of the first half of the century for one yet to come. */
function yearOf(date: string): number | null {
  const year = Number(date.slice(-4));
  if (Number.isNaN(year)) return null;
  return year > lastYear ? year - 100 : year;
}

const lastYear = 2011;

/** Letters that the source took from Windows' code page and read as Apple's. */
const misread: Readonly<Record<string, string>> = {
  È: 'é',
  Ë: 'è',
  Í: 'ê',
  Î: 'ë',
  '‡': 'à',
  '·': 'á',
  '‰': 'ä',
  Û: 'ó',
  Ù: 'ô',
  '˘': 'ù',
  Ω: '½',
  Ö: '…',
};

function readable(text: string): string {
  return text.replace(/[ÈËÍÎ‡·‰ÛÙ˘ΩÖ]/g, letter => misread[letter] ?? letter);
}

const genreNames: Readonly<Record<string, string>> = {
  'Romantic Comedy': 'Comedy,Romance',
  'Thriller/Suspense': 'Thriller',
  'Black Comedy': 'Comedy',
  'Concert/Performance': 'Documentary,Music',
  Drama: 'Drama',
  Comedy: 'Comedy',
  Musical: 'Musical',
  Adventure: 'Adventure',
  Action: 'Action',
  Horror: 'Horror',
  Western: 'Western',
  Documentary: 'Documentary',
};
