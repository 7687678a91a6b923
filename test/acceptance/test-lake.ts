/** A raised local cloud with the app on it and a platform database of a few hundred rows: what every acceptance test stands on. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startRun, waitForRun } from '../../local/app-client.ts';
import type { AppProcess } from '../../local/app-process.ts';
import { type Cloud, raiseCloud } from '../../local/cloud.ts';
import type { FaultTable } from '../../local/faults.ts';
import { bulkLoad, planTable, subscriptionTable, userTable } from '../../local/youflix/bulk-tables.ts';
import { inTransaction, withDatabase } from '../../local/youflix/database.ts';
import { subscriptionsOf, userAt } from '../../local/youflix/generator.ts';
import { plans } from '../../local/youflix/plans.ts';
import { applySchema } from '../../local/youflix/schema.ts';
import { watermarkPath } from '../../shared/catalog/lake-paths.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import type { RunRecord, StepReceipt, TableResult } from '../../shared/runs/run-record.ts';
import type { WatermarkRecord } from '../../shared/sources/mssql/watermarks.ts';
import { ourDelta } from '../interop/our-delta.ts';
import { readSource } from '../interop/source-rows.ts';

export const tableNames: readonly string[] = youflixTables.map(({ name }) => name);

export interface TestLake extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly app: AppProcess;
  readonly faults: FaultTable;
  /** The lake's root: a folder per file system. */
  readonly folder: string;
  /** Runs T-SQL on the platform database; gives the rows of its last result. */
  query<Row = Record<string, unknown>>(text: string): Promise<Row[]>;
  /** Starts a run over HTTP and waits for its record, whatever its status. */
  run(body: unknown): Promise<RunRecord>;
  /** As `run`; fails the test, with the causes, unless the run completed. */
  completed(body: unknown): Promise<RunRecord>;
  request(path: string, init?: RequestInit): Promise<Response>;
  watermark(table: string): Promise<WatermarkRecord>;
  /** The newest version of a silver table. */
  version(table: string): Promise<number>;
  /** Fails the test unless every table holds, value for value, the rows of its source. */
  expectSilverIsSource(): Promise<void>;
  /** Every file below a folder of the lake, with the SHA-256 of its content. */
  filesBelow(path: string): Promise<Readonly<Record<string, string>>>;
}

const anyPorts = { host: 0, storage: 0, sqlserver: 0 };
const runTimeoutMs = 25_000;
const users = 300;

export type Settings = Readonly<Record<string, string>>;

export interface TestLakeOptions {
  /** The app's settings, from the usual ones of the local cloud. */
  readonly settings?: (usual: Settings) => Settings;
  /** Fills the database in place of the usual few hundred rows. The tables exist. */
  readonly fill?: (connection: string) => Promise<void>;
}

/** Everything vanishes with the lake, its data folder included. */
export async function raiseTestLake(options: TestLakeOptions = {}): Promise<TestLake> {
  const dataDir = await mkdtemp(join(tmpdir(), 'youflix-acceptance-'));
  const cloud = await raiseCloud({ dataDir, ports: anyPorts, settings: { RETRY_FIRST_INTERVAL_SECONDS: '0.2' } });
  await changeSettings(join(dataDir, 'local.settings.json'), options.settings ?? (usual => usual));
  const fill = options.fill ?? fillPlatform;
  const [app] = await Promise.all([
    cloud.startApp(),
    withDatabase(cloud.connectionString, applySchema).then(() => fill(cloud.connectionString)),
  ]);
  const folder = join(dataDir, 'lake');
  const delta = await ourDelta(folder);

  async function run(body: unknown): Promise<RunRecord> {
    const runId = await startRun(app.url, 'youflix', body);
    return (await waitForRun(app.url, runId, runTimeoutMs)) as RunRecord;
  }

  return {
    cloud,
    app,
    faults: cloud.faults,
    folder,
    query: <Row>(text: string) =>
      withDatabase(cloud.connectionString, async pool => {
        const { recordset } = await pool.request().query<Row>(text);
        return recordset as Row[];
      }),
    run,
    async completed(body) {
      const record = await run(body);
      expect(failuresOf(record)).toEqual({});
      expect(record.status).toBe('Completed');
      return record;
    },
    request: (path, init) => fetch(`${app.url}/api/${path}`, init),
    async watermark(table) {
      return JSON.parse(await readFile(join(folder, watermarkPath('youflix', table)), 'utf8')) as WatermarkRecord;
    },
    async version(table) {
      const names = await readdir(join(folder, 'silver/youflix', table, '_delta_log'));
      return Math.max(...names.filter(name => /^\d{20}\.json$/.test(name)).map(name => Number.parseInt(name, 10)));
    },
    async expectSilverIsSource() {
      const source = await readSource(cloud.connectionString);
      for (const table of tableNames)
        expect(await delta.digest(`silver/youflix/${table}`), `silver of ${table}`).toEqual(source.get(table)?.silver);
    },
    filesBelow: path => filesBelow(join(folder, path)),
    async [Symbol.asyncDispose]() {
      await delta[Symbol.asyncDispose]();
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The file is written before the ports are known to anybody else, so that is where settings that hold a port are changed. */
async function changeSettings(file: string, change: (usual: Settings) => Settings): Promise<void> {
  const content = JSON.parse(await readFile(file, 'utf8')) as { Values: Settings };
  await writeFile(file, JSON.stringify({ ...content, Values: change(content.Values) }));
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

/** The result of a table that the run carried. */
export function tableOf(record: RunRecord, table: string): TableResult {
  const result = record.tables.find(candidate => candidate.table === table);
  if (result === undefined) throw new Error(`run ${record.runId} has no table ${table}`);
  return result;
}

/** The receipt of a step that the table went through. */
export function stepOf(record: RunRecord, table: string, name: string): StepReceipt {
  const { steps } = tableOf(record, table);
  const step = steps.find(candidate => candidate.name === name);
  if (step === undefined)
    throw new Error(`${table} has no step ${name} (has: ${steps.map(candidate => candidate.name)})`);
  return step;
}

/** Causes by table; empty for a run that went well. */
export function failuresOf(record: RunRecord): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    record.tables.flatMap(({ table, failure }) => (failure === null ? [] : [[table, failure]])),
  );
}

async function filesBelow(root: string): Promise<Record<string, string>> {
  if (!existsSync(root)) return {};
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const digests = files.sort().map(async path => {
    const digest = createHash('sha256').update(await readFile(path));
    return [path.slice(root.length + 1), digest.digest('hex')];
  });
  return Object.fromEntries(await Promise.all(digests)) as Record<string, string>;
}
