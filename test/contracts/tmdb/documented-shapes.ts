/** What developer.themoviedb.org/reference says that the API answers: every field, and no other. */
import * as z from 'zod';

const day = z.iso.date();
const wholeNumber = z.int().nonnegative();
const imagePath = z.string().regex(/^\/\w{20,30}\.jpg$/);

/** Fields that all descriptions of a movie share. */
const movieFields = {
  adult: z.boolean(),
  backdrop_path: imagePath.nullable(),
  id: z.int().positive(),
  original_language: z.string().regex(/^[a-z]{2}$/),
  original_title: z.string().min(1),
  overview: z.string(),
  popularity: z.number().nonnegative(),
  poster_path: imagePath.nullable(),
  release_date: z.union([day, z.literal('')]),
  title: z.string().min(1),
  video: z.boolean(),
  vote_average: z.number().min(0).max(10),
  vote_count: wholeNumber,
};

/** An element of `results`: reference/movie-popular-list. */
export const listedMovie = z.strictObject({ ...movieFields, genre_ids: z.array(z.int()) });

const pageFields = {
  page: z.int().min(1).max(500),
  results: z.array(listedMovie).max(20),
  total_pages: z.int().positive(),
  total_results: wholeNumber,
};

/** reference/movie-popular-list, reference/movie-top-rated-list */
export const page = z.strictObject(pageFields);

/** reference/movie-now-playing-list, reference/movie-upcoming-list */
export const pageWithDates = z.strictObject({ ...pageFields, dates: z.strictObject({ maximum: day, minimum: day }) });

const genre = z.strictObject({ id: z.int(), name: z.string().min(1) });
const named = z.strictObject({ name: z.string() });

/** reference/movie-external-ids */
export const externalIds = z.strictObject({
  id: z.int(),
  imdb_id: z
    .string()
    .regex(/^tt\d{7,8}$/)
    .nullable(),
  wikidata_id: z.string().nullable(),
  facebook_id: z.string().nullable(),
  instagram_id: z.string().nullable(),
  twitter_id: z.string().nullable(),
});

/** reference/movie-details */
export const details = z.strictObject({
  ...movieFields,
  belongs_to_collection: named.nullable(),
  budget: wholeNumber,
  genres: z.array(genre),
  homepage: z.string(),
  imdb_id: externalIds.shape.imdb_id,
  origin_country: z.array(z.string()),
  production_companies: z.array(named),
  production_countries: z.array(named),
  revenue: wholeNumber,
  runtime: wholeNumber,
  spoken_languages: z.array(named),
  status: z.enum(['Rumored', 'Planned', 'In Production', 'Post Production', 'Released', 'Canceled']),
  tagline: z.string(),
});

/** reference/find-by-id, of a movie or of nothing */
export const found = z.strictObject({
  movie_results: z.array(listedMovie.extend({ media_type: z.literal('movie') })),
  person_results: z.array(z.never()),
  tv_results: z.array(z.never()),
  tv_episode_results: z.array(z.never()),
  tv_season_results: z.array(z.never()),
});

/** reference/genre-movie-list */
export const genreList = z.strictObject({ genres: z.array(genre).min(1) });

const sizes = z.array(z.string().regex(/^([wh]\d+|original)$/)).min(1);

/** reference/configuration-details */
export const configuration = z.strictObject({
  change_keys: z.array(z.string()),
  images: z.strictObject({
    base_url: z.url({ protocol: /^http$/ }),
    secure_base_url: z.url({ protocol: /^https$/ }),
    backdrop_sizes: sizes,
    logo_sizes: sizes,
    poster_sizes: sizes,
    profile_sizes: sizes,
    still_sizes: sizes,
  }),
});

/** reference/configuration-languages */
export const languages = z.array(
  z.strictObject({ iso_639_1: z.string().length(2), english_name: z.string().min(1), name: z.string() }),
);

/** reference/configuration-countries */
export const countries = z.array(
  z.strictObject({ iso_3166_1: z.string().length(2), english_name: z.string().min(1), native_name: z.string().min(1) }),
);

/** docs/errors */
export const error = z.strictObject({
  success: z.literal(false).optional(),
  status_code: z.int(),
  status_message: z.string().min(1),
});
