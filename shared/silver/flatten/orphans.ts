/** References between silver tables that lead nowhere: IMDb's data sets are made at different times, so some always do. */
import { silverTablePath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { readTable } from '../../delta/read.ts';
import { findTable } from '../../delta/snapshot.ts';
import { sqlName } from '../../duckdb/session.ts';
import { imdbTables } from '../imdb/index.ts';

export interface OrphanCount {
  readonly table: string;
  /** The column of it that refers to another table. */
  readonly column: string;
  /** The table referred to. */
  readonly references: string;
  /** Rows whose value is not there; null where one of the two tables does not exist yet, so that nothing was checked. */
  readonly orphans: number | null;
  /** Some of the values that are not there, at most five. */
  readonly examples: readonly string[];
}

/** Checks every reference from or to one of these tables. Orphans are no fault: their rows stay. */
export async function countOrphans(
  { tables }: { readonly tables: readonly string[] },
  engine: DeltaEngine,
): Promise<OrphanCount[]> {
  const references = imdbTables.flatMap(table =>
    table.references
      .filter(reference => tables.includes(table.name) || tables.includes(reference.table))
      .map(({ column, table: references }) => ({ table: table.name, column, references })),
  );
  // Brought near once, however many references there are from and to a table.
  await using near = new AsyncDisposableStack();
  const relations = new Map<string, string>();
  for (const name of new Set(references.flatMap(({ table, references: target }) => [table, target]))) {
    const path = silverTablePath('imdb', name);
    if ((await findTable({ table: path }, engine)) === undefined) continue;
    relations.set(name, near.use(await readTable({ table: path }, engine)).relation);
  }
  const counts: OrphanCount[] = [];
  for (const reference of references) {
    counts.push({ ...reference, ...(await checkReference(reference, relations, engine)) });
  }
  return counts;
}

async function checkReference(
  { table, column, references }: Pick<OrphanCount, 'table' | 'column' | 'references'>,
  relations: ReadonlyMap<string, string>,
  engine: DeltaEngine,
): Promise<Pick<OrphanCount, 'orphans' | 'examples'>> {
  const [referring, referred] = [relations.get(table), relations.get(references)];
  if (referring === undefined || referred === undefined) return { orphans: null, examples: [] };
  const id = imdbTables.find(({ name }) => name === references)?.key[0] ?? '';
  const [found] = await engine.duckdb.rows(
    `SELECT coalesce(sum(rows), 0) AS orphans, list(value ORDER BY value)[:5] AS examples
     FROM (SELECT ${sqlName(column)} AS value, count(*) AS rows FROM ${referring} GROUP BY value)
     ANTI JOIN (SELECT ${sqlName(id)} AS value FROM ${referred}) USING (value)`,
  );
  return { orphans: Number(found?.['orphans']), examples: (found?.['examples'] ?? []) as string[] };
}
