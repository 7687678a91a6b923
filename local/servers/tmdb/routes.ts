import { detailsOf, externalIdsOf, foundMovie, pageOf } from './answers.ts';
import { configuration, countries, languages } from './configuration.ts';
import { discover } from './discover.ts';
import { TmdbError } from './errors.ts';
import { genres } from './genres.ts';
import { listNames, type RankedMovie } from './lists.ts';
import type { Translation } from './movies.ts';
import type { Sources } from './sources.ts';

interface Route {
  /** Of the whole path; its groups are the parameters. */
  readonly path: RegExp;
  /** How long caches may keep it. */
  readonly maxAgeSeconds: number;
  /** @throws TmdbError */
  readonly answer: (sources: Sources, query: URLSearchParams, ...parameters: string[]) => object;
}

/** Every path that is offered, as developer.themoviedb.org/reference has it. */
const routes: readonly Route[] = [
  ...listNames.map(name => ({
    path: new RegExp(`^/3/movie/${name}$`),
    maxAgeSeconds: 3_600,
    answer: (sources: Sources, query: URLSearchParams) => {
      const page = pageNumber(query);
      return pageOf(sources.list(name, query.get('region') ?? ''), page, translation(sources, query));
    },
  })),
  {
    path: /^\/3\/discover\/movie$/,
    maxAgeSeconds: 3_600,
    answer: (sources, query) => {
      const page = pageNumber(query);
      return pageOf(discover(sources.charts.ranked, query), page, translation(sources, query));
    },
  },
  {
    path: /^\/3\/movie\/([^/]+)$/,
    maxAgeSeconds: 600,
    answer: (sources, query, id = '') => {
      const found = movieBy(id, sources);
      const also = query.get('append_to_response')?.split(',') ?? [];
      const ids = also.includes('external_ids') ? { external_ids: externalIdsOf(found.movie) } : {};
      return { ...detailsOf(found, translation(sources, query)), ...ids };
    },
  },
  {
    path: /^\/3\/movie\/([^/]+)\/external_ids$/,
    maxAgeSeconds: 3_600,
    answer: (sources, _query, id = '') => externalIdsOf(movieBy(id, sources).movie),
  },
  {
    path: /^\/3\/find\/([^/]+)$/,
    maxAgeSeconds: 3_600,
    answer: (sources, query, id = '') => {
      const source = query.get('external_source') ?? '';
      if (!externalSources.includes(source)) throw new TmdbError(5);
      const movie = source === 'imdb_id' ? sources.movies.byImdbId(id) : undefined;
      return foundMovie(movie && sources.charts.of(movie), translation(sources, query));
    },
  },
  { path: /^\/3\/genre\/movie\/list$/, maxAgeSeconds: 3_600, answer: () => ({ genres }) },
  { path: /^\/3\/configuration$/, maxAgeSeconds: 3_600, answer: () => configuration },
  { path: /^\/3\/configuration\/languages$/, maxAgeSeconds: 3_600, answer: languages },
  { path: /^\/3\/configuration\/countries$/, maxAgeSeconds: 3_600, answer: countries },
];

/** What answers a path. @throws TmdbError where nothing does */
export function route(path: string): {
  maxAgeSeconds: number;
  answer(sources: Sources, query: URLSearchParams): object;
} {
  for (const { path: pattern, maxAgeSeconds, answer } of routes) {
    const match = pattern.exec(path);
    if (match === null) continue;
    return { maxAgeSeconds, answer: (sources, query) => answer(sources, query, ...match.slice(1)) };
  }
  throw new TmdbError(34);
}

const lastPage = 500;

function pageNumber(query: URLSearchParams): number {
  const text = query.get('page') ?? '1';
  const page = /^\d+$/.test(text) ? Number(text) : 0;
  if (page < 1 || page > lastPage) throw new TmdbError(22);
  return page;
}

function translation({ movies }: Sources, query: URLSearchParams): Translation {
  return movies.translation(query.get('language') ?? 'en-US');
}

function movieBy(id: string, { movies, charts }: Sources): RankedMovie {
  if (!/^\d+$/.test(id)) throw new TmdbError(6);
  const movie = movies.byId(Number(id));
  if (movie === undefined) throw new TmdbError(34);
  return charts.of(movie);
}

/** Those of developer.themoviedb.org/reference/find-by-id. */
const externalSources = [
  ...['imdb_id', 'facebook_id', 'instagram_id', 'tvdb_id', 'tiktok_id', 'twitter_id', 'wikidata_id', 'youtube_id'],
];
