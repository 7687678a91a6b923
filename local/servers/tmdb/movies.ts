/** The movies of the IMDb generator as TMDB has them: same titles, years, ratings and genres, under numbers of TMDB's own. */
import { akasLines, basicsLines, none, ratingsLines } from '../../imdb/titles.ts';
import { pickTongue, tongues } from '../../imdb/words.ts';
import { makeWorld, titleId, type World } from '../../imdb/world.ts';
import { type Random, randomFor } from '../../random.ts';
import { type Genre, genresOf } from './genres.ts';
import { overviewOf } from './overviews.ts';

export interface Movie {
  /** TMDB's. */
  readonly id: number;
  readonly imdbId: string;
  /** Its place among IMDb's titles, from 0. */
  readonly ordinal: number;
  readonly adult: boolean;
  readonly video: boolean;
  readonly title: string;
  readonly originalTitle: string;
  /** ISO 639-1. */
  readonly originalLanguage: string;
  readonly genres: readonly Genre[];
  /** yyyy-MM-dd, in IMDb's year; empty where IMDb has no year. */
  readonly releaseDate: string;
  readonly minutes: number | undefined;
  /** In English. */
  readonly overview: string;
  readonly posterPath: string | null;
  readonly backdropPath: string | null;
  /** IMDb's average with two digits more, which round to it; 0 where nobody has voted. */
  readonly voteAverage: number;
  readonly voteCount: number;
}

export interface Movies {
  readonly seed: number;
  /** What lists are made of. */
  readonly all: readonly Movie[];
  byId(id: number): Movie | undefined;
  byImdbId(imdbId: string): Movie | undefined;
  /** @param language ISO 639-1, with ISO 3166-1 after a hyphen or without: `de-DE`, `de` */
  translation(language: string): Translation;
}

/** How movies are described in a language. */
export interface Translation {
  /** The one of the language's country, where that has one of its own. */
  title(movie: Movie): string;
  /** As with the service, empty where nobody has translated it: that is in all languages but English. */
  overview(movie: Movie): string;
}

/** Enough for lists of more than 500 pages; of the titles beyond, none is in a list, and each has its answers. */
const mostListed = 30_000;

/** The movies among the titles of IMDb's first delivery of the same seed and size. */
export async function loadMovies(seed: number, titles: number): Promise<Movies> {
  const world = await makeWorld(seed, titles);
  const all = Array.from({ length: Math.min(titles, mostListed) }, (_, ordinal) => movieAt(world, ordinal));
  const at = (ordinal: number): Movie | undefined =>
    Number.isInteger(ordinal) && ordinal >= 0 && ordinal < titles ? movieAt(world, ordinal) : undefined;
  return {
    seed,
    all: all.filter(movie => movie !== undefined),
    byId: id => at((id - firstId) / idStep),
    byImdbId: imdbId => (/^tt\d{7,8}$/.test(imdbId) ? at(Number(imdbId.slice(2)) - 1) : undefined),
    translation: language => translationTo(language, world),
  };
}

/** The numbers have gaps, as the service's have, and follow from IMDb's. */
const firstId = 11;
const idStep = 7;

/** IMDb's kinds that are movies here. */
const kinds = new Set(['movie', 'short', 'tvMovie', 'video']);

function movieAt(world: World, ordinal: number): Movie | undefined {
  const [basics = ''] = basicsLines(world, ordinal, 0);
  const [, kind = '', title = '', originalTitle = '', adult, year = none, , minutes = none, genres = ''] =
    basics.split('\t');
  if (!kinds.has(kind)) return undefined;
  const random = randomFor(world.seed, 'tmdb', ordinal);
  const film = world.films[ordinal];
  const [average, votes] = ratingOf(world, ordinal);
  const about = { title, year, minutes, director: film?.director ?? null, isReal: film !== undefined };
  return {
    id: firstId + idStep * ordinal,
    imdbId: titleId(ordinal),
    ordinal,
    adult: adult === '1',
    video: kind === 'video' && random.chance(0.2),
    title,
    originalTitle,
    originalLanguage: film === undefined ? madeLanguage(world.seed, ordinal) : 'en',
    genres: genresOf(genres, kind),
    releaseDate: year === none ? '' : dayIn(Number(year), random),
    minutes: minutes === none ? undefined : Number(minutes),
    overview: random.chance(0.08) ? '' : overviewOf(about, random),
    posterPath: random.chance(0.07) ? null : imagePath(random),
    backdropPath: random.chance(0.15) ? null : imagePath(random),
    voteAverage: votes === 0 ? 0 : Math.min(Number((average + random.between(-40, 40) / 1_000).toFixed(3)), 10),
    // Few of those who vote at IMDb vote here too; most of them for what is real, so that what is shown first looks real.
    voteCount: Math.ceil(votes / (film === undefined ? 500 : 20)),
  };
}

function ratingOf(world: World, ordinal: number): [average: number, votes: number] {
  const [, average, votes] = ratingsLines(world, ordinal, 0)[0]?.split('\t') ?? [];
  return [Number(average ?? 0), Number(votes ?? 0)];
}

/** The language whose words the generator made the original title of: it is the first thing it draws for the name. */
function madeLanguage(seed: number, ordinal: number): string {
  const { language } = pickTongue(randomFor(seed, 'names', ordinal));
  return language === 'cmn' ? 'zh' : language;
}

function dayIn(year: number, random: Random): string {
  const day = new Date(Date.UTC(year, 0, random.between(1, 365)));
  return day.toISOString().slice(0, 10);
}

function imagePath(random: Random): string {
  return `/${Array.from({ length: 27 }, () => imageLetters[random.between(0, imageLetters.length - 1)]).join('')}.jpg`;
}

const imageLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function translationTo(code: string, world: World): Translation {
  const [language = '', region = tongues.find(tongue => tongue.language === language)?.region] = code.split('-');
  return {
    title(movie) {
      if (region === 'US') return movie.title;
      const akas = akasLines(world, movie.ordinal, 0).map(line => line.split('\t'));
      // Of IMDb's akas a few belong to no title.
      return akas.find(([id, , , where]) => id === movie.imdbId && where === region)?.[2] ?? movie.title;
    },
    overview: ({ overview }) => (language === 'en' ? overview : ''),
  };
}
