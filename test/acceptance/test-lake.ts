/** A raised lake over a platform database of a few hundred rows: what the acceptance tests of use case 1 stand on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bulkLoad, planTable, subscriptionTable, userTable } from '../../local/youflix/bulk-tables.ts';
import { inTransaction, withDatabase } from '../../local/youflix/database.ts';
import { subscriptionsOf, userAt } from '../../local/youflix/generator.ts';
import { plans } from '../../local/youflix/plans.ts';
import { applySchema } from '../../local/youflix/schema.ts';
import { watermarkPath } from '../../shared/catalog/lake-paths.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import type { WatermarkRecord } from '../../shared/sources/mssql/watermarks.ts';
import { ourDelta } from '../interop/our-delta.ts';
import { readSource } from '../interop/source-rows.ts';
import { type RaisedLake, type RaiseOptions, raiseLake } from './raised-lake.ts';

export const tableNames: readonly string[] = youflixTables.map(({ name }) => name);

export interface TestLake extends RaisedLake {
  /** Runs T-SQL on the platform database; gives the rows of its last result. */
  query<Row = Record<string, unknown>>(text: string): Promise<Row[]>;
  watermark(table: string): Promise<WatermarkRecord>;
  /** The newest version of a silver table. */
  version(table: string): Promise<number>;
  /** Fails the test unless every table holds, value for value, the rows of its source. */
  expectSilverIsSource(): Promise<void>;
}

const users = 300;

export interface TestLakeOptions extends Pick<RaiseOptions, 'settings'> {
  /** Fills the database in place of the usual few hundred rows. The tables exist. */
  readonly fill?: (connection: string) => Promise<void>;
}

/** Everything vanishes with the lake, its data folder included. */
export async function raiseTestLake({ settings, fill = fillPlatform }: TestLakeOptions = {}): Promise<TestLake> {
  const lake = await raiseLake({
    pipeline: 'youflix',
    settings,
    seed: ({ connectionString }) => withDatabase(connectionString, applySchema).then(() => fill(connectionString)),
  });
  const { connectionString } = lake.cloud;
  const delta = await ourDelta(lake.folder);
  return {
    ...lake,
    query: <Row>(text: string) =>
      withDatabase(connectionString, async pool => {
        const { recordset } = await pool.request().query<Row>(text);
        return recordset as Row[];
      }),
    async watermark(table) {
      return JSON.parse(await readFile(join(lake.folder, watermarkPath('youflix', table)), 'utf8')) as WatermarkRecord;
    },
    version: table => lake.deltaVersion(`youflix/${table}`),
    async expectSilverIsSource() {
      const source = await readSource(connectionString);
      for (const table of tableNames)
        expect(await delta.digest(`silver/youflix/${table}`), `silver of ${table}`).toEqual(source.get(table)?.silver);
    },
    async [Symbol.asyncDispose]() {
      await delta[Symbol.asyncDispose]();
      await lake[Symbol.asyncDispose]();
    },
  };
}

/** The generator's first users with their subscriptions, and all plans. */
export async function fillPlatform(connection: string): Promise<void> {
  const population = { seed: 11, users };
  const ordinals = Array.from({ length: users }, (_, ordinal) => ordinal);
  await withDatabase(connection, pool =>
    inTransaction(pool, async transaction => {
      await bulkLoad(transaction, planTable, plans);
      await bulkLoad(
        transaction,
        userTable,
        ordinals.map(ordinal => userAt(population, ordinal)),
      );
      await bulkLoad(
        transaction,
        subscriptionTable(1n),
        ordinals.flatMap(ordinal => [...subscriptionsOf(population, ordinal)]),
      );
    }),
  );
}
