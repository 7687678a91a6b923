/** A local cloud with everything in it: seeded, loaded in full, changed, loaded again; and what the source held each time. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import sql from 'mssql';
import { type RunRecord, startRun, waitForRun } from '../../local/app-client.ts';
import { raiseCloud } from '../../local/cloud.ts';
import { database, storageAccount } from '../../local/settings.ts';
import { seedDatabase } from '../../local/youflix/seed.ts';
import { simulate } from '../../local/youflix/simulator.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { readSource, type SourceState } from './source-rows.ts';

export interface FilledLake extends AsyncDisposable {
  /** The folder that holds the file systems as plain directories. */
  readonly folder: string;
  readonly storage: { readonly url: string; readonly account: string; readonly key: string };
  readonly sqlserver: {
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
    /** The certificate authority that a client must trust. */
    readonly caFile: string;
    /** For `mssql`. */
    readonly connectionString: string;
  };
  readonly tables: readonly string[];
  /** The source when the full run read it, which is version 0 of silver, and when the incremental run did: version 1. */
  readonly versions: readonly [SourceState, SourceState];
  readonly runs: readonly [full: RunRecord, incremental: RunRecord];
}

const changes = 300;
const runTimeoutMs = 120_000;

/** @throws Error when the cloud does not come up or a run does not complete */
export async function fillLake(dataDir: string): Promise<FilledLake> {
  const cloud = await raiseCloud({ dataDir, ports: { host: 0, storage: 0, sqlserver: 0 } });
  try {
    const connection = cloud.connectionString;
    const [app] = await Promise.all([cloud.startApp(), seedDatabase({ connection, scale: 'small', seed: 1 })]);
    const run = async (mode: 'full' | 'incremental'): Promise<RunRecord> => {
      const record = await waitForRun(app.url, await startRun(app.url, 'youflix', { mode }), runTimeoutMs);
      assert.equal(record.status, 'Completed', `the ${mode} run: ${JSON.stringify(record.tables)}`);
      return record;
    };
    const before = await readSource(connection);
    const full = await run('full');
    await simulate({ connection, seed: 1, changes });
    const after = await readSource(connection);
    const incremental = await run('incremental');

    const storage = cloud.services.find(({ name }) => name === 'ADLS Gen2');
    return {
      folder: join(dataDir, 'lake'),
      storage: { url: storage?.url ?? '', account: storageAccount.name, key: storageAccount.key },
      sqlserver: {
        port: sql.ConnectionPool.parseConnectionString(connection).port ?? 0,
        database: database.name,
        user: database.user,
        password: database.password,
        caFile: join(dataDir, 'certificates', 'ca.crt'),
        connectionString: connection,
      },
      tables: youflixTables.map(({ name }) => name),
      versions: [before, after],
      runs: [full, incremental],
      [Symbol.asyncDispose]: () => cloud.close(),
    };
  } catch (error) {
    await cloud.close();
    throw error;
  }
}
