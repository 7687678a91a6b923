/** What every reader of Parquet is asked about use case 2: whether bronze holds the deliveries, line for line. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import type { Delivery } from './imdb-deliveries.ts';
import type { PythonProgram } from './python-program.ts';

/** A reader, as its Python program, which has the actions of imdb_lines.py. */
export interface BronzeReader {
  readonly name: string;
  readonly program: PythonProgram;
}

/** Every line of what was delivered, read by Python from the delivered file: its fields, or its bytes where it is malformed. */
export async function readBronze(
  { name, program }: BronzeReader,
  { folder }: FilledLake,
  deliveries: readonly Delivery[],
  { check }: Checks,
): Promise<void> {
  for (const { source, bronze } of deliveries.flatMap(({ dataSets }) => dataSets)) {
    await check(`${name}: ${bronze} holds what was delivered, line for line`, async () => {
      const path = join(folder, bronze);
      assert.deepEqual(
        await program.ask('bronze_lines', { path }),
        await program.ask('source_lines', { path: source }),
      );
    });
  }
}
