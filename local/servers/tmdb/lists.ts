/** The service's lists of movies: what is in them on a day, and in which order. */
import { randomFor } from '../../random.ts';
import type { Movie, Movies } from './movies.ts';

export const listNames = ['popular', 'top_rated', 'now_playing', 'upcoming'] as const;
export type ListName = (typeof listNames)[number];

export interface RankedMovie {
  readonly movie: Movie;
  /** Of the day. */
  readonly popularity: number;
}

export interface MovieList {
  /** First and last day of the releases in the list, yyyy-MM-dd. */
  readonly dates?: { readonly maximum: string; readonly minimum: string };
  readonly movies: readonly RankedMovie[];
}

/** All that depends on the day. */
export interface Charts {
  /** yyyy-MM-dd */
  readonly today: string;
  /** Every movie, the most popular one first. */
  readonly ranked: readonly RankedMovie[];
  /** A movie with its popularity of the day. */
  of(movie: Movie): RankedMovie;
  /** @param region ISO 3166-1 code of the market whose release dates count, or empty */
  list(name: ListName, region: string): MovieList;
}

/** The same for the same movies and day. */
export function chartsOf(movies: Movies, today: string): Charts {
  const of = (movie: Movie): RankedMovie => ({ movie, popularity: popularityOf(movies.seed, movie, today) });
  const ranked = movies.all
    .map(of)
    .sort((one, other) => other.popularity - one.popularity || one.movie.id - other.movie.id);
  const forAll = ranked.filter(({ movie }) => !movie.adult);
  const lists = new Map<string, MovieList>();
  return {
    today,
    ranked,
    of,
    list(name, region) {
      const key = `${name} ${region}`;
      const list = lists.get(key) ?? makeList(name, forAll, { seed: movies.seed, region, today });
      lists.set(key, list);
      return list;
    },
  };
}

interface Market {
  readonly seed: number;
  readonly region: string;
  readonly today: string;
}

function makeList(name: ListName, ranked: readonly RankedMovie[], market: Market): MovieList {
  if (name === 'popular') return { movies: ranked };
  if (name === 'top_rated') {
    const rated = ranked.filter(({ movie }) => movie.voteCount >= fewestVotes);
    return { movies: rated.sort((one, other) => other.movie.voteAverage - one.movie.voteAverage) };
  }
  const today = Date.parse(market.today) / dayMs;
  const first = today + releases[name].first;
  const last = today + releases[name].last;
  return {
    dates: { maximum: isoDay(last), minimum: isoDay(first) },
    movies: ranked.filter(({ movie }) => nextRelease(movie, market, first) <= last),
  };
}

/** The service's own condition for the top rated (developer.themoviedb.org/reference/movie-top-rated-list). */
const fewestVotes = 200;

/** First and last day of the releases in a list, counted from today. */
const releases = { now_playing: { first: -42, last: 6 }, upcoming: { first: 7, last: 27 } };

/** Every movie comes to the theatres of a market again and again: so there is something in them whatever the year. */
const daysBetweenReleases = 100;

/** The first day from `earliest` on that a movie comes to a market, in days since 1970. */
function nextRelease({ ordinal }: Movie, { seed, region }: Market, earliest: number): number {
  const some = randomFor(seed, `released in ${region}`, ordinal).between(0, daysBetweenReleases - 1);
  return earliest + ((some + daysBetweenReleases - (earliest % daysBetweenReleases)) % daysBetweenReleases);
}

/** What many have voted for stays popular; what is new is so for a while, if it has luck. */
function popularityOf(seed: number, { ordinal, releaseDate, voteCount }: Movie, today: string): number {
  const random = randomFor(seed, `popularity ${today}`, ordinal);
  const isNew = Number(today.slice(0, 4)) - Number(releaseDate.slice(0, 4)) <= 1;
  const luck = isNew ? randomFor(seed, 'luck', ordinal).next() ** 3 : 0;
  const base = 0.6 + 300 * (voteCount / 20_000) ** 0.7 + 400 * luck;
  return Number((base * (0.75 + random.next() / 2)).toFixed(4));
}

const dayMs = 86_400_000;

function isoDay(days: number): string {
  return new Date(days * dayMs).toISOString().slice(0, 10);
}
