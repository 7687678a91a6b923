/** The fields of a movie in a list that silver takes, and what is wrong with one, as SQL. Source: developer.themoviedb.org/reference. */
import { sqlText } from '../../duckdb/session.ts';

interface Shape {
  /** In words, for the reason. */
  readonly expected: string;
  /** SQL that is true for a value that fits. `json` is the value as JSON, `text` what it says. */
  readonly fits: (json: string, text: string) => string;
}

const text: Shape = { expected: 'a text or null', fits: json => `json_type(${json}) = 'VARCHAR'` };
const flag: Shape = { expected: 'true, false or null', fits: json => `json_type(${json}) = 'BOOLEAN'` };

/** Digits are looked at as well as types: a cast would round a fraction and take a text for a number. */
function whole(least: number, most: number): Shape {
  return {
    expected: `a whole number from ${least} to ${most}`,
    fits: (json, value) =>
      `json_type(${json}) = 'UBIGINT' AND TRY_CAST(${value} AS BIGINT) BETWEEN ${least} AND ${most}`,
  };
}

const shapes = {
  id: whole(1, Number.MAX_SAFE_INTEGER),
  title: text,
  original_title: text,
  original_language: text,
  release_date: {
    expected: 'a date such as 1999-03-31, an empty text or null',
    // SQL Server, which is to read it, has no date before the year 1.
    fits: (json, value) =>
      `json_type(${json}) = 'VARCHAR' AND (${value} = '' OR regexp_full_match(${value}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND TRY_CAST(${value} AS DATE) >= DATE '0001-01-01')`,
  },
  adult: flag,
  video: flag,
  overview: text,
  popularity: {
    expected: 'a finite number or null',
    fits: (json, value) =>
      `json_type(${json}) IN ('UBIGINT', 'BIGINT', 'DOUBLE') AND isfinite(TRY_CAST(${value} AS DOUBLE))`,
  },
  vote_average: {
    expected: 'a number from 0 to 10 with at most three decimals, or null',
    fits: (json, value) =>
      `json_type(${json}) IN ('UBIGINT', 'DOUBLE') AND regexp_full_match(${value}, '[0-9](\\.[0-9]{1,3})?|10(\\.0)?')`,
  },
  vote_count: whole(0, 2 ** 31 - 1),
  poster_path: text,
  backdrop_path: text,
  genre_ids: {
    expected: 'an array of whole numbers below 1000000000, or null',
    fits: (json, value) =>
      `json_type(${json}) = 'ARRAY' AND regexp_full_match(${value}, '\\[([0-9]{1,9}(,[0-9]{1,9})*)?\\]')`,
  },
} satisfies Record<string, Shape>;

/** In the order of the documentation's examples; what else a movie carries stays in bronze. */
export const movieFields: readonly string[] = Object.keys(shapes);

/** A list of texts: one per field of `movie` (an SQL expression of type JSON) that does not fit; none where the movie is good. */
export function misfitReasons(movie: string): string {
  const reasons = Object.entries<Shape>(shapes).map(([name, { expected, fits }]) => {
    const json = fieldJson(movie, name);
    const isMissing = name === 'id' ? 'false' : `coalesce(json_type(${json}), 'NULL') = 'NULL'`;
    const reason = `${sqlText(`${name}: expected ${expected}, got `)} || ${start(json)}`;
    return `CASE WHEN NOT (${isMissing} OR coalesce(${fits(json, fieldText(movie, name))}, false)) THEN ${reason} END`;
  });
  return `CASE
    WHEN json_type(${movie}) IS DISTINCT FROM 'OBJECT' THEN ['expected a movie, got ' || ${start(movie)}]
    ELSE list_filter([${reasons}], lambda reason: reason IS NOT NULL)
  END`;
}

/** The number of the movie as BIGINT; NULL where it is not good. */
export function movieId(movie: string): string {
  const text = fieldText(movie, 'id');
  return `CASE WHEN ${shapes.id.fits(fieldJson(movie, 'id'), text)} THEN CAST(${text} AS BIGINT) END`;
}

/** What a field says, as text; NULL where it is null or not there. Numbers keep every digit that a double has. */
export function fieldText(movie: string, name: string): string {
  return `(${movie} ->> ${sqlText(name)})`;
}

function fieldJson(movie: string, name: string): string {
  return `(${movie} -> ${sqlText(name)})`;
}

/** Enough of a value to know it by. */
function start(json: string): string {
  return `coalesce(left(CAST(${json} AS VARCHAR), 100), 'null')`;
}
