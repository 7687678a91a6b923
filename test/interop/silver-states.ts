/** What every silver table is to hold, for all clients to agree with. */
import assert from 'node:assert/strict';
import { silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import type { TableColumn } from '../../shared/delta/schema.ts';
import { silverSchema } from '../../shared/silver/bronze-rows.ts';
import { imdbTables } from '../../shared/silver/imdb/index.ts';
import type { RowsDigest } from './canonical-rows.ts';
import { ourDelta } from './our-delta.ts';
import type { SourceState } from './source-rows.ts';

/** Every table's, once the lake is filled. */
export const newestVersion = 1;

export interface SilverTableState {
  /** In the lake, such as `silver/youflix/users`. */
  readonly path: string;
  readonly description: string;
  readonly columns: readonly TableColumn[];
  /** By version, the newest last; not every older one is there. */
  readonly rows: ReadonlyMap<number, RowsDigest>;
}

/** Use case 1 is to hold its source, at both versions; use case 2 what our own reader finds there: spark-parity.ts proves that right. */
export async function silverStates(
  folder: string,
  versions: readonly [SourceState, SourceState],
): Promise<readonly SilverTableState[]> {
  const states: SilverTableState[] = youflixTables.map(table => ({
    path: silverTablePath('youflix', table.name),
    description: table.description,
    columns: silverSchema(table),
    rows: new Map(versions.map((source, version) => [version, sourceRows(source, table.name)])),
  }));
  await using ours = await ourDelta(folder);
  for (const { name, description, columns } of imdbTables) {
    const path = silverTablePath('imdb', name);
    const rows = new Map([[newestVersion, await ours.digest(path, newestVersion)]]);
    states.push({ path, description, columns, rows });
  }
  return states;
}

function sourceRows(source: SourceState, table: string): RowsDigest {
  const state = source.get(table);
  assert.ok(state, `the source has no table ${table}`);
  return state.silver;
}
