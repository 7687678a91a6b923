import type { MovieList, RankedMovie } from './lists.ts';

/**
 * The movies that fit a query, in the order it asks for (developer.themoviedb.org/reference/discover-movie). Filters that are not
 * here are passed over, as the service does with those it does not know.
 * @param ranked all movies, the most popular one first
 */
export function discover(ranked: readonly RankedMovie[], query: URLSearchParams): MovieList {
  const wanted = filters.flatMap(({ name, accepts }) => {
    const value = query.get(name);
    return value === null ? [] : [(movie: RankedMovie) => accepts(movie, value)];
  });
  const withAdults = query.get('include_adult') === 'true';
  const movies = ranked.filter(movie => (withAdults || !movie.movie.adult) && wanted.every(accepts => accepts(movie)));
  const [field = '', direction] = (query.get('sort_by') ?? 'popularity.desc').split('.');
  const key = sortKeys[field] ?? byPopularity;
  const sign = direction === 'asc' ? 1 : -1;
  return { movies: movies.sort((one, other) => sign * compare(key(one), key(other))) };
}

interface Filter {
  readonly name: string;
  accepts(movie: RankedMovie, value: string): boolean;
}

const filters: readonly Filter[] = [
  {
    // Of numbers with commas all, of numbers with bars one.
    name: 'with_genres',
    accepts({ movie }, value) {
      const has = (id: string): boolean => movie.genres.some(genre => genre.id === Number(id));
      return value.split(',').every(either => either.split('|').some(has));
    },
  },
  { name: 'with_original_language', accepts: ({ movie }, value) => movie.originalLanguage === value },
  { name: 'primary_release_year', accepts: ({ movie }, value) => movie.releaseDate.slice(0, 4) === value },
  { name: 'primary_release_date.gte', accepts: ({ movie }, value) => movie.releaseDate >= value },
  {
    name: 'primary_release_date.lte',
    accepts: ({ movie }, value) => movie.releaseDate !== '' && movie.releaseDate <= value,
  },
  { name: 'vote_average.gte', accepts: ({ movie }, value) => movie.voteAverage >= Number(value) },
  { name: 'vote_count.gte', accepts: ({ movie }, value) => movie.voteCount >= Number(value) },
];

type SortKey = (ranked: RankedMovie) => number | string;

const byPopularity: SortKey = ({ popularity }) => popularity;

const sortKeys: Readonly<Record<string, SortKey>> = {
  popularity: byPopularity,
  original_title: ({ movie }) => movie.originalTitle,
  primary_release_date: ({ movie }) => movie.releaseDate,
  title: ({ movie }) => movie.title,
  vote_average: ({ movie }) => movie.voteAverage,
  vote_count: ({ movie }) => movie.voteCount,
};

function compare(one: number | string, other: number | string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
