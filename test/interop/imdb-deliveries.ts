/** Two deliveries of IMDb data with bad and odd lines of every kind, carried into the lake, and what the runs say became of them. */
import assert from 'node:assert/strict';
import { appendFile, cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type RunRecord, type Step, startRun, waitForRun } from '../../local/app-client.ts';
import type { Cloud } from '../../local/cloud.ts';
import { type BadKind, badKinds } from '../../local/imdb/bad-lines.ts';
import { landingContainer } from '../../local/imdb/upload.ts';
import { writeDataSets } from '../../local/imdb/write-data-sets.ts';
import { oddLines } from './odd-lines.ts';

/** One data set of a delivery. Paths in the lake begin with the file system. */
export interface CarriedDataSet {
  readonly name: string;
  /** A copy of the file that was delivered. */
  readonly source: string;
  /** Properties that the landing container gives the file. */
  readonly etag: string;
  readonly modifiedAt: string;
  readonly bronze: string;
  readonly quarantine: string;
  /** Rows of the quarantine file. */
  readonly quarantined: number;
}

export interface Delivery {
  readonly run: RunRecord;
  readonly dataSets: readonly CarriedDataSet[];
}

const titles = 1500;
const seed = 1;
/** Enough for every silver table to change, and too little for any to be written anew. */
const changes = 0.1;
const runTimeoutMs = 120_000;

/** Writes the data sets of a delivery, as `title.basics.tsv.gz` and so on, into a folder of its own, and returns the folder. */
export async function writeDelivery(dataDir: string, number: number, bad: readonly BadKind[]): Promise<string> {
  const folder = join(dataDir, 'deliveries', String(number));
  const counts = Object.fromEntries(bad.map(kind => [kind, 1]));
  const written = await writeDataSets(folder, { titles, seed, delivery: number, changes, bad: counts });
  // A gzip may have several members.
  for (const [name, { file }] of Object.entries(written))
    await appendFile(file, gzipSync((oddLines.get(name) ?? []).map(line => `${line}\n`).join('')));
  return folder;
}

/** The first delivery by a full run, the second one by an incremental run. @throws Error when one does not complete */
export async function carryDeliveries(cloud: Cloud, url: string): Promise<readonly [Delivery, Delivery]> {
  return [await carry(cloud, url, 0, 'full'), await carry(cloud, url, 1, 'incremental')];
}

async function carry(cloud: Cloud, url: string, number: number, mode: 'full' | 'incremental'): Promise<Delivery> {
  const folder = await writeDelivery(cloud.dataDir, number, badKinds);
  // Into the account's own folder, past the wire: no event tells of it, so that one run takes all of it.
  await cp(folder, join(cloud.dataDir, 'landing', cloud.landing.container), { recursive: true });
  const run = await waitForRun(url, await startRun(url, 'imdb', { mode }), runTimeoutMs);
  assert.equal(run.status, 'Completed', `the ${mode} run: ${JSON.stringify(run.tables)}`);
  for (const { table, version } of run.tables)
    assert.ok(version === null || version === number, `the ${mode} run left ${table} at version ${version}`);
  const container = landingContainer(cloud.landing);
  const dataSets: CarriedDataSet[] = [];
  for (const file of await readdir(folder)) {
    const name = file.replace('.tsv.gz', '');
    const { etag = '', lastModified } = await container.getBlobClient(file).getProperties();
    const properties = { etag: etag.replaceAll('"', ''), modifiedAt: lastModified?.toISOString() ?? '' };
    const [copy, check] = [stepOf(run, 'copy', name), stepOf(run, 'check', name)];
    const quarantined = check.counts?.['quarantined'] ?? 0;
    // Each kind is there once, and what is too long is two rows.
    const expected = quarantined > 0 && quarantined <= badKinds.length + 1;
    assert.ok(expected, `${name}: ${quarantined} rows in quarantine, but ${badKinds.length} bad lines`);
    const paths = { source: join(folder, file), bronze: copy.path, quarantine: check.path };
    dataSets.push({ name, ...paths, ...properties, quarantined });
  }
  return { run, dataSets };
}

/** @throws Error when the run made no such step */
export function stepOf({ tables }: RunRecord, name: string, dataSet: string): Step {
  const step = tables.flatMap(({ steps }) => steps).find(step => step.name === name && step.table === dataSet);
  assert.ok(step, `no step ${name} of ${dataSet}`);
  return step;
}
