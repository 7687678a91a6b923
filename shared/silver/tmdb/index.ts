/** The registry of the silver tables that the TMDB lists are made into. Adding one is adding its two files and a line here. */
import type { SilverTable } from '../silver-table.ts';
import { movieGenres } from './movie-genres.ts';
import { movieLists } from './movie-lists.ts';
import { movies } from './movies.ts';

/**
 * All tables; every landing of a list replaces its partition of each. A SELECT reads `list_movies`, the good movies of the landing, each
 * once: `rank`, `page`, `position_on_page` as numbers, and the fields of `transform/movie-fields.ts`, `landed_at` and `run_id` as
 * text; and `genre_names` (id, name), empty where they are not known.
 */
export const tmdbTables: readonly SilverTable[] = [movieLists, movies, movieGenres];

/**
 * A file with one portable SELECT: of each movie what was known last, which is the newest day, then the newest landing. It reads
 * `movies`, all partitions of the table of that name with `list` and `date` as columns.
 */
export const moviesLatest = new URL('./movies-latest.sql', import.meta.url);
