/** What is wrong with a field of a good line, as SQL: made from the types of the catalog. */
import type { ImdbField, ImdbFieldType } from '../../catalog/imdb-data-sets.ts';
import { sqlText } from '../../duckdb/session.ts';

/** A field and the column that holds its text. */
export interface FieldColumn {
  readonly field: ImdbField;
  readonly column: string;
}

interface Shape {
  /** In words, for the reason. */
  readonly expected: string;
  /** SQL that is false for a text that does not fit. */
  readonly fits: (column: string) => string;
}

/** RFC 8259: an array whose elements are strings. */
const jsonString = '"([^"\\\\\\x00-\\x1f]|\\\\(["\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*"';
const jsonStrings = `\\s*\\[\\s*(${jsonString}\\s*(,\\s*${jsonString}\\s*)*)?\\]\\s*`;

/** Types that any text fits are not here. */
const shapes: Partial<Record<ImdbFieldType, Shape>> = {
  integer: {
    expected: 'a whole number from 0 to 2147483647',
    // TRY_CAST alone would take signs, spaces, exponents and fractions too.
    fits: column => `(regexp_full_match(${column}, '[0-9]{1,18}') AND TRY_CAST(${column} AS INTEGER) IS NOT NULL)`,
  },
  flag: { expected: '0 or 1', fits: column => `${column} IN ('0', '1')` },
  rating: {
    expected: 'a number from 0 to 10 with at most one decimal',
    fits: column => `regexp_full_match(${column}, '[0-9](\\.[0-9])?|10(\\.0)?')`,
  },
  'json-list': {
    expected: 'a JSON array of strings',
    // The pattern lets half a surrogate pair pass, and DuckDB's reader a comma before the closing bracket.
    fits: column => `(regexp_full_match(${column}, ${sqlText(jsonStrings)}) AND json_valid(${column}))`,
  },
};

/** Conditions of which one holds for a row in which some field does not fit. */
export function misfitConditions(fields: readonly FieldColumn[]): string[] {
  return fields.flatMap(field => faultOf(field)?.condition ?? []);
}

/** A text that names every field of the row that does not fit, with what was expected and what is there. */
export function misfitReasons(fields: readonly FieldColumn[]): string {
  const reasons = fields.flatMap(({ field, column }) => {
    const fault = faultOf({ field, column });
    if (fault === undefined) return [];
    const text = sqlText(`${field.name}: expected ${fault.expected}, got "`);
    return `CASE WHEN ${fault.condition} THEN ${text} || left(${column}, 100) || '"' END`;
  });
  return reasons.length === 0 ? `''` : `concat_ws('; ', ${reasons.join(', ')})`;
}

function faultOf({
  field,
  column,
}: FieldColumn): { readonly condition: string; readonly expected: string } | undefined {
  const shape = shapes[field.type];
  if (shape === undefined) {
    return field.nullable ? undefined : { condition: `${column} IN ('\\N', '')`, expected: 'a value' };
  }
  const condition = `NOT ${shape.fits(column)}`;
  return {
    condition: field.nullable ? `(${column} <> '\\N' AND ${condition})` : condition,
    expected: shape.expected,
  };
}
