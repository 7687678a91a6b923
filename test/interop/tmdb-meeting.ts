/** What every reader of Parquet is asked about use case 3: whether silver, by its partitions, holds what is on the pages in bronze. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bronzePagePath, silverTablePath } from '../../shared/catalog/lake-paths.ts';
import type { ColumnType } from '../../shared/delta/schema.ts';
import { tmdbTables } from '../../shared/silver/tmdb/index.ts';
import type { RowsDigest } from './canonical-rows.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import type { PythonProgram } from './python-program.ts';

/** A reader, as its Python program, which has the actions of tmdb_pages.py and `partitioned_rows`. */
export interface PartitionReader {
  readonly name: string;
  readonly program: PythonProgram;
  /** Its names of types, where they are not ours. */
  readonly types: Readonly<Partial<Record<ColumnType, string>>>;
  /** What it takes a day in a path for. */
  readonly dayType: string;
}

export interface TypedRows {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: RowsDigest;
}

/** Every row of every table, against the pages as Python reads them. */
export async function readPartitions(
  { name, program, types, dayType }: PartitionReader,
  lake: FilledLake,
  { check }: Checks,
): Promise<void> {
  for (const table of tmdbTables) {
    const path = silverTablePath('tmdb', table.name);
    await check(`${name}: ${path} holds what is on the pages, with list and date from its folders`, async () => {
      const read = await program.ask<TypedRows>('partitioned_rows', { path: join(lake.folder, path) });
      assert.deepEqual(read, {
        columns: [
          ...table.columns.map(({ name, type }) => [name, types[type] ?? type]),
          ['list', 'string'],
          ['date', dayType],
        ],
        rows: await program.ask<RowsDigest>('landed_rows', { table: table.name, ...landedFiles(lake) }),
      });
      assert.ok(read.rows.rows > 0, 'no rows');
    });
  }
}

/** What the actions of tmdb_pages.py take: the landings with the paths of their folders, and the file that names the genres. */
export function landedFiles({ folder, landings }: FilledLake) {
  return {
    landings: landings.lists.map(landed => ({ ...landed, folder: join(folder, landed.folder) })),
    genres: join(folder, bronzePagePath(landings.genres, 1)),
  };
}
