/** Writing names and values into DuckDB's SQL so that they mean exactly what they meant in T-SQL. */

/** A name in double quotes, whatever it contains. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.name`, both quoted. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/**
 * A string literal. DuckDB reads statements as C strings, so a NUL would cut the statement short: it is spliced in with chr(0).
 * Lone surrogates become U+FFFD, for DuckDB's strings are UTF-8.
 */
export function quoteText(text: string): string {
  const pieces = text.toWellFormed().split('\0');
  const quoted = pieces.map(piece => `'${piece.replaceAll("'", "''")}'`);
  return quoted.length === 1 ? (quoted[0] ?? "''") : `(${quoted.join(' || chr(0) || ')})`;
}
