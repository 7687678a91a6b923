/** What the API says of movies, fields in the order in which its documentation shows them (developer.themoviedb.org/reference). */
import type { MovieList, RankedMovie } from './lists.ts';
import type { Movie, Translation } from './movies.ts';

const moviesPerPage = 20;

/** A page of a list; past the last one it has no results. */
export function pageOf({ dates, movies: ranked }: MovieList, page: number, translation: Translation): object {
  const results = ranked.slice((page - 1) * moviesPerPage, page * moviesPerPage);
  return {
    ...(dates === undefined ? {} : { dates }),
    page,
    results: results.map(movie => listed(movie, translation)),
    total_pages: Math.max(Math.ceil(ranked.length / moviesPerPage), 1),
    total_results: ranked.length,
  };
}

function listed({ movie, popularity }: RankedMovie, translation: Translation): object {
  return {
    adult: movie.adult,
    backdrop_path: movie.backdropPath,
    genre_ids: movie.genres.map(({ id }) => id),
    id: movie.id,
    original_language: movie.originalLanguage,
    original_title: movie.originalTitle,
    overview: translation.overview(movie),
    popularity,
    poster_path: movie.posterPath,
    release_date: movie.releaseDate,
    title: translation.title(movie),
    video: movie.video,
    vote_average: movie.voteAverage,
    vote_count: movie.voteCount,
  };
}

/** `/3/movie/{id}` */
export function detailsOf({ movie, popularity }: RankedMovie, translation: Translation): object {
  return {
    adult: movie.adult,
    backdrop_path: movie.backdropPath,
    belongs_to_collection: null,
    budget: 0,
    genres: movie.genres,
    homepage: '',
    id: movie.id,
    imdb_id: movie.imdbId,
    origin_country: [],
    original_language: movie.originalLanguage,
    original_title: movie.originalTitle,
    overview: translation.overview(movie),
    popularity,
    poster_path: movie.posterPath,
    production_companies: [],
    production_countries: [],
    release_date: movie.releaseDate,
    revenue: 0,
    runtime: movie.minutes ?? 0,
    spoken_languages: [],
    status: 'Released',
    tagline: '',
    title: translation.title(movie),
    video: movie.video,
    vote_average: movie.voteAverage,
    vote_count: movie.voteCount,
  };
}

/** `/3/movie/{id}/external_ids` */
export function externalIdsOf({ id, imdbId }: Movie): object {
  return {
    id,
    imdb_id: imdbId,
    wikidata_id: null,
    facebook_id: null,
    instagram_id: null,
    twitter_id: null,
  };
}

/** `/3/find/{external id}` */
export function foundMovie(found: RankedMovie | undefined, translation: Translation): object {
  return {
    movie_results: found === undefined ? [] : [{ ...listed(found, translation), media_type: 'movie' }],
    person_results: [],
    tv_results: [],
    tv_episode_results: [],
    tv_season_results: [],
  };
}
