import type { DuckDbSession } from '../../shared/duckdb/session.ts';

/** The rows of a relation, in whatever order, as one text: how many, and a digest of them. */
export async function digestOf(relation: string, duckdb: DuckDbSession): Promise<string> {
  const [found] = await duckdb.rows(
    `SELECT count(*) AS rows, sum(hash(t)::HUGEINT)::VARCHAR AS digest FROM ${relation} AS t`,
  );
  return `${String(found?.['rows'])} rows, digest ${String(found?.['digest'])}`;
}
