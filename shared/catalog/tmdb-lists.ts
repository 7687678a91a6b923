/** The movie lists that are taken from TMDB, as its API documents them (developer.themoviedb.org/reference). Adding one is adding an entry. */
export interface TmdbList {
  /** Name in the lake: the folder in bronze, the partition in silver. */
  readonly name: string;
  /** Below the API's address. */
  readonly path: string;
  readonly description: string;
  /** ISO 639-1 and ISO 3166-1, such as `en-US`: of titles and overviews. */
  readonly language: string;
  /** ISO 3166-1 code of the market whose release dates count; null for the API's default. */
  readonly region: string | null;
}

/** What explains the numbers in the lists; one small answer each. */
export interface TmdbLookup {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly language: string | null;
}

export const tmdbLists: readonly TmdbList[] = [
  {
    name: 'popular',
    path: '/3/movie/popular',
    description: 'Movies by popularity today.',
    language: 'en-US',
    region: null,
  },
  {
    name: 'top_rated',
    path: '/3/movie/top_rated',
    description: 'Movies by rating.',
    language: 'en-US',
    region: null,
  },
  {
    name: 'now_playing',
    path: '/3/movie/now_playing',
    description: 'Movies in theatres.',
    language: 'en-US',
    region: 'US',
  },
  {
    name: 'upcoming',
    path: '/3/movie/upcoming',
    description: 'Movies that come to theatres.',
    language: 'en-US',
    region: 'US',
  },
];

export const tmdbLookups: readonly TmdbLookup[] = [
  {
    name: 'genres',
    path: '/3/genre/movie/list',
    description: 'Names of the genres that movies carry by number.',
    language: 'en-US',
  },
  {
    name: 'configuration',
    path: '/3/configuration',
    description: 'Where images are, and in which sizes.',
    language: null,
  },
];
