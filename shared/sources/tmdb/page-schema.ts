/** A page of a movie list, as developer.themoviedb.org/reference/movie-popular-list and its sisters have it. */
import * as z from 'zod';
import { misfits, parseJson } from './json-check.ts';

const wholeNumber = z.int().nonnegative({ error: 'expected 0 or more' });

/** A page has twenty movies, a movie some genres. Counted first: a list of a million wrong elements would be a million reasons. */
function shortList<T extends z.ZodType>(element: T) {
  return z.array(z.unknown()).max(100, { error: 'expected at most 100 elements' }).pipe(z.array(element));
}

const movieSchema = z.object({
  adult: z.boolean(),
  backdrop_path: z.string().nullable(),
  genre_ids: shortList(z.int()),
  id: z.int().positive({ error: 'expected a number above 0' }),
  original_language: z.string(),
  original_title: z.string(),
  overview: z.string(),
  // zod's numbers are finite: 1e400, which JSON.parse reads as Infinity, is none.
  popularity: z.number(),
  poster_path: z.string().nullable(),
  // Of announced movies the service has an empty one, null or none.
  release_date: z.string().nullish(),
  title: z.string(),
  video: z.boolean(),
  vote_average: z.number(),
  vote_count: wholeNumber,
});

const pageSchema = z.object({
  page: z.int(),
  results: shortList(movieSchema),
  total_pages: wholeNumber,
  total_results: wholeNumber,
  // Of now_playing and upcoming.
  dates: z.object({ minimum: z.string(), maximum: z.string() }).optional(),
});

const totalPagesSchema = pageSchema.pick({ total_pages: true });

export interface PageReading {
  /** Why the page does not fit; empty when it does. */
  readonly reasons: readonly string[];
  /** In order of rank; none when the page does not fit. */
  readonly movieIds: readonly number[];
  /** How long the list is; known also of a page that does not fit, as long as it says so. */
  readonly totalPages: number | undefined;
  /** Fields that the schema does not have: no fault, but news. */
  readonly unknownFields: readonly string[];
}

/** What the bytes say that were answered when page number `page` was asked for. */
export function readPage(bytes: Uint8Array, page: number): PageReading {
  const parsed = parseJson(bytes);
  if ('reason' in parsed) return { reasons: [parsed.reason], movieIds: [], totalPages: undefined, unknownFields: [] };
  const { json } = parsed;
  const asked = z.literal(page, { error: `expected ${page}, the page that was asked for` });
  const reasons = misfits(pageSchema.extend({ page: asked }), json);
  return {
    reasons,
    movieIds: reasons.length === 0 ? pageSchema.parse(json).results.map(({ id }) => id) : [],
    totalPages: totalPagesSchema.safeParse(json).data?.total_pages,
    unknownFields: reasons.length === 0 ? unknownFields(json as z.infer<typeof pageSchema>) : [],
  };
}

function unknownFields(page: z.infer<typeof pageSchema>): readonly string[] {
  const ofPage = Object.keys(page).filter(name => !(name in pageSchema.shape));
  const ofMovies = page.results.flatMap(movie => Object.keys(movie).filter(name => !(name in movieSchema.shape)));
  return [...new Set([...ofPage, ...ofMovies.map(name => `results[].${name}`)])];
}
