/** A raised local cloud with the app on it, and the lake that its runs leave: what every acceptance test stands on. */
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
import { portsFrom } from '../../local/settings.ts';
import type { RunRecord, StepReceipt, TableResult } from '../../shared/runs/run-record.ts';

export interface RaisedLake extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly app: AppProcess;
  readonly faults: FaultTable;
  /** The lake's root: a folder per file system. */
  readonly folder: string;
  /** Starts a run of the pipeline over HTTP and waits for its record, whatever its status. */
  run(body: unknown): Promise<RunRecord>;
  /** As `run`; fails the test, with the causes, unless the run completed. */
  completed(body: unknown): Promise<RunRecord>;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The newest version of a silver table, such as `imdb/titles`. */
  deltaVersion(table: string): Promise<number>;
  /** Every file below a folder of the lake, with the SHA-256 of its content. */
  filesBelow(path: string): Promise<Readonly<Record<string, string>>>;
}

export type Settings = Readonly<Record<string, string>>;

export interface RaiseOptions {
  readonly pipeline: string;
  /** Fills the sources; the app starts meanwhile. */
  readonly seed: (cloud: Cloud) => Promise<unknown>;
  /** The app's settings, from the usual ones of the local cloud. */
  readonly settings?: ((usual: Settings) => Settings) | undefined;
}

const runTimeoutMs = 25_000;
/** An event that was turned away comes again after 20 ms, not after ten seconds. */
const eventTimeScale = 0.002;

/** Everything vanishes with the lake, its data folder included. */
export async function raiseLake({ pipeline, seed, settings }: RaiseOptions): Promise<RaisedLake> {
  const dataDir = await mkdtemp(join(tmpdir(), 'youflix-acceptance-'));
  const cloud = await raiseCloud({
    dataDir,
    ports: portsFrom(0),
    eventTimeScale,
    settings: { RETRY_FIRST_INTERVAL_SECONDS: '0.2' },
  });
  await changeSettings(join(dataDir, 'local.settings.json'), settings ?? (usual => usual));
  const [app] = await Promise.all([cloud.startApp(), seed(cloud)]);
  const folder = join(dataDir, 'lake');

  async function run(body: unknown): Promise<RunRecord> {
    const runId = await startRun(app.url, pipeline, body);
    return (await waitForRun(app.url, runId, runTimeoutMs)) as RunRecord;
  }

  return {
    cloud,
    app,
    faults: cloud.faults,
    folder,
    run,
    async completed(body) {
      const record = await run(body);
      expect(failuresOf(record)).toEqual({});
      expect(record.status).toBe('Completed');
      return record;
    },
    request: (path, init) => fetch(`${app.url}/api/${path}`, init),
    async deltaVersion(table) {
      const names = await readdir(join(folder, 'silver', table, '_delta_log'));
      return Math.max(...names.filter(name => /^\d{20}\.json$/.test(name)).map(name => Number.parseInt(name, 10)));
    },
    filesBelow: path => filesBelow(join(folder, path)),
    async [Symbol.asyncDispose]() {
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
