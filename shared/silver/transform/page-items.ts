/** Bronze pages as DuckDB reads them: the items of their results, each with its place. */
import { sqlText } from '../../duckdb/session.ts';

/** A page of a list, or the answer to a lookup, as a local file. */
export interface LocalPage {
  /** From 1. */
  readonly page: number;
  readonly path: string;
}

/**
 * A relation (page, position, item) over the array `member` of each page, `position` from 1, `item` as JSON. A page that is not JSON
 * with such an array is one row without a position.
 */
export function pageItems(pages: readonly LocalPage[], member: string): string {
  if (pages.length === 0) return '(SELECT 1 AS page, 1 AS position, NULL::JSON AS item WHERE false)';
  const names = pages.map(({ page, path }) => `(${page}, ${sqlText(path)})`);
  const items = `TRY(CAST(body -> ${sqlText(member)} AS JSON[]))`;
  const placed = `list_transform(${items}, lambda item, index: {'position': CAST(index AS INTEGER), 'item': item})`;
  return `(
    SELECT page, unnest(coalesce(${placed}, [{'position': NULL, 'item': NULL}]), recursive := true)
    FROM (
      SELECT page, CASE WHEN json_valid(text) THEN text ELSE ${withoutHalves('text')} END AS body
      FROM (SELECT page, TRY(decode(content)) AS text FROM read_blob([${pages.map(({ path }) => sqlText(path))}])
            JOIN (VALUES ${names}) AS names(page, filename) USING (filename))
    )
  )`;
}

/**
 * JSON text in which half a surrogate pair, escaped as in `"\ud83d"`, is U+FFFD: it is JSON (RFC 8259, section 8.2), but no UTF-8 can
 * carry it, and DuckDB takes no text with one. Escaped backslashes and whole pairs stand aside meanwhile, as control characters, which
 * JSON has only escaped.
 */
function withoutHalves(text: string): string {
  const [backslash, pair] = ['chr(1)', 'chr(2)'];
  const aside = `regexp_replace(replace(${text}, '\\\\', ${backslash}), '\\\\u([dD][89abAB]..)\\\\u([dD][c-fC-F]..)', ${pair} || '\\1' || ${pair} || '\\2', 'g')`;
  const mended = `regexp_replace(${aside}, '\\\\u[dD][89a-fA-F]..', chr(65533), 'g')`;
  return `replace(replace(${mended}, ${pair}, '\\u'), ${backslash}, '\\\\')`;
}
