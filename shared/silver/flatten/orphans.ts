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
  const references = imdbTables.flatMap(from =>
    from.references.flatMap(({ column, table }) =>
      imdbTables.filter(({ name }) => name === table).map(to => ({ from, column, to })),
    ),
  );
  const touched = references.filter(({ from, to }) => tables.includes(from.name) || tables.includes(to.name));
  await using opened = new AsyncDisposableStack();
  const relations = new Map<string, string | undefined>();
  for (const { name } of new Set(touched.flatMap(({ from, to }) => [from, to]))) {
    const path = silverTablePath('imdb', name);
    if ((await findTable({ table: path }, engine)) === undefined) continue;
    relations.set(name, opened.use(await readTable({ table: path }, engine)).relation);
  }
  const counts: OrphanCount[] = [];
  for (const { from, column, to } of touched) {
    const [referring, referred] = [relations.get(from.name), relations.get(to.name)];
    const found =
      referring === undefined || referred === undefined
        ? { orphans: null, examples: [] }
        : await missingValues({ referring, column, referred, id: to.key[0] ?? '' }, engine);
    counts.push({ table: from.name, column, references: to.name, ...found });
  }
  return counts;
}

async function missingValues(
  { referring, column, referred, id }: Readonly<Record<'referring' | 'column' | 'referred' | 'id', string>>,
  { duckdb }: DeltaEngine,
): Promise<Pick<OrphanCount, 'orphans' | 'examples'>> {
  const [found] = await duckdb.rows(
    `SELECT coalesce(sum(rows), 0) AS orphans, min(value, 5) AS examples
     FROM (SELECT ${sqlName(column)} AS value, count(*) AS rows FROM ${referring} GROUP BY value)
     ANTI JOIN (SELECT ${sqlName(id)} AS value FROM ${referred}) USING (value)`,
  );
  return { orphans: Number(found?.['orphans']), examples: (found?.['examples'] ?? []) as string[] };
}
