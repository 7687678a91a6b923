/** A local cloud with everything in it: seeded, loaded in full, changed, loaded again; and what was to come out each time. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import sql from 'mssql';
import { type RunRecord, startRun, waitForRun } from '../../local/app-client.ts';
import { type Cloud, raiseCloud } from '../../local/cloud.ts';
import { database, type LandingAddress, portsFrom, storageAccount } from '../../local/settings.ts';
import { seedDatabase } from '../../local/youflix/seed.ts';
import { simulate } from '../../local/youflix/simulator.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { carryDeliveries, type Delivery } from './imdb-deliveries.ts';
import { type SilverTableState, silverStates } from './silver-states.ts';
import { readSource, type SourceState } from './source-rows.ts';
import { carryLists, type Landings, pagesPerList } from './tmdb-landings.ts';

export interface FilledLake extends AsyncDisposable {
  /** The data folder of the cloud. */
  readonly dataDir: string;
  /** The folder that holds the file systems as plain directories. */
  readonly folder: string;
  /** The app, which stays up. */
  readonly url: string;
  readonly storage: { readonly url: string; readonly account: string; readonly key: string };
  readonly landing: LandingAddress;
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
  /** Of use case 1. */
  readonly tables: readonly string[];
  /** The source when the full run read it, which is version 0 of silver, and when the incremental run did: version 1. */
  readonly versions: readonly [SourceState, SourceState];
  readonly runs: readonly [full: RunRecord, incremental: RunRecord];
  /** Of use case 2: the first one is version 0 of silver, the second one version 1. */
  readonly deliveries: readonly [Delivery, Delivery];
  /** Of use case 3. */
  readonly landings: Landings;
  /** Every silver table of the first two. */
  readonly silver: readonly SilverTableState[];
}

const changes = 300;
const runTimeoutMs = 120_000;

/** @throws Error when the cloud does not come up or a run does not complete */
export async function fillLake(dataDir: string): Promise<FilledLake> {
  const cloud = await raiseCloud({
    dataDir,
    ports: portsFrom(0),
    settings: { TMDB_MAX_PAGES: String(pagesPerList) },
  });
  try {
    const connection = cloud.connectionString;
    const [{ url }] = await Promise.all([cloud.startApp(), seedDatabase({ connection, scale: 'small', seed: 1 })]);
    const { versions, runs } = await carryChanges(cloud, url);
    const deliveries = await carryDeliveries(cloud, url);
    const landings = await carryLists(cloud, url);

    const folder = join(dataDir, 'lake');
    const storage = cloud.services.find(({ name }) => name === 'ADLS Gen2');
    return {
      dataDir,
      folder,
      url,
      storage: { url: storage?.url ?? '', account: storageAccount.name, key: storageAccount.key },
      landing: cloud.landing,
      sqlserver: {
        port: sql.ConnectionPool.parseConnectionString(connection).port ?? 0,
        database: database.name,
        user: database.user,
        password: database.password,
        caFile: join(dataDir, 'certificates', 'ca.crt'),
        connectionString: connection,
      },
      tables: youflixTables.map(({ name }) => name),
      versions,
      runs,
      deliveries,
      landings,
      silver: await silverStates(folder, versions),
      [Symbol.asyncDispose]: () => cloud.close(),
    };
  } catch (error) {
    await cloud.close();
    throw error;
  }
}

/** Use case 1: a full run, changes in the source, an incremental run. */
async function carryChanges(
  { connectionString: connection }: Cloud,
  url: string,
): Promise<Pick<FilledLake, 'versions' | 'runs'>> {
  const run = async (mode: 'full' | 'incremental'): Promise<RunRecord> => {
    const record = await waitForRun(url, await startRun(url, 'youflix', { mode }), runTimeoutMs);
    assert.equal(record.status, 'Completed', `the ${mode} run: ${JSON.stringify(record.tables)}`);
    return record;
  };
  const before = await readSource(connection);
  const full = await run('full');
  await simulate({ connection, seed: 1, changes });
  const after = await readSource(connection);
  return { versions: [before, after], runs: [full, await run('incremental')] };
}
