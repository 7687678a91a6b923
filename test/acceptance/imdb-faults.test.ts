/** The landing account and the lake in trouble: whatever is lost on the way, a delivery is taken once and whole. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault, FaultAction } from '../../local/faults.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { type ImdbLake, raiseImdbLake } from './imdb-lake.ts';
import { failuresOf, stepOf } from './raised-lake.ts';

let lake: ImdbLake;
let delivery = 1;

const path = 'title.crew.tsv';
const landed = `imdblanding/imdb/${path}`;
const incremental = { mode: 'incremental' };
const everyTry = 200;

beforeAll(async () => {
  lake = await raiseImdbLake({ files: { [path]: crew() } });
  await lake.completed(incremental);
}, 60_000);

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

/** As many titles as deliveries, each with two directors and a writer; and a line that silver cannot take. */
function crew(): Buffer {
  const titles = Array.from({ length: delivery }, (_, at) => `tt${at}\tnm1,nm2\tnm${delivery}\n`);
  return Buffer.from(`tconst\tdirectors\twriters\n${titles.join('')}tt${delivery}\ttoo few fields\n`);
}

function disturb(operation: string, action: FaultAction, more: Partial<Fault> = {}): { readonly fired: number } {
  return lake.faults.add({ service: 'storage', operation, action, ...more });
}

/** Delivers one title more and carries it through the fault: one version of each table, one bronze file, nothing left lying about. */
async function takesDeliveryOnce(): Promise<RunRecord> {
  const versions = await tableVersions();
  const files = Object.keys(await lake.filesBelow('bronze/imdb')).length;
  delivery += 1;
  await lake.land({ [path]: crew() });
  const record = await lake.completed(incremental);
  expect(await tableVersions()).toEqual(versions.map(version => version + 1));
  expect(await lake.rows('title_directors')).toHaveLength(2 * delivery);
  expect(await lake.rows('title_writers')).toEqual(
    Array.from({ length: delivery }, (_, at) => ({
      title_id: `tt${at}`,
      position: 1,
      person_id: `nm${delivery}`,
    })).sort((a, b) => (a.title_id < b.title_id ? -1 : 1)),
  );
  expect(Object.keys(await lake.filesBelow('bronze/imdb'))).toHaveLength(files + 1);
  expect(Object.keys(await lake.filesBelow('quarantine/imdb'))).toHaveLength(files + 1);
  const { current, refusal } = (await lake.ledger()).dataSets['title.crew'] ?? {};
  expect({ runId: current?.runId, refusal }).toEqual({ runId: record.runId, refusal: null });
  return record;
}

function tableVersions(): Promise<number[]> {
  return Promise.all(['title_directors', 'title_writers'].map(table => lake.deltaVersion(`imdb/${table}`)));
}

test.each([
  ['RENAME of bronze', 'RENAME bronze/imdb/title.crew/*', 0],
  ['RENAME of the quarantine', 'RENAME quarantine/imdb/title.crew/*', 0],
  ['RENAME of the Delta commit of the first table', 'RENAME silver/imdb/title_directors/_delta_log/*', 0],
  ['RENAME of the Delta commit of the second table', 'RENAME silver/imdb/title_writers/_delta_log/*', 0],
  ['RENAME of the ledger, which reserves', 'RENAME control/ledger/imdb.json', 0],
  ['RENAME of the ledger, which concludes', 'RENAME control/ledger/imdb.json', 1],
  ['RENAME of the run record', 'RENAME control/runs/*', 1],
])('effect done, answer lost: %s', async (_what, operation, skip) => {
  const fault = disturb(operation, { kind: 'reset' }, { phase: 'after', skip });
  await takesDeliveryOnce();
  expect(fault.fired).toBe(1);
});

const busy: FaultAction = { kind: 'status', status: 503, code: 'ServerBusy' };

test.each<[string, string, FaultAction]>([
  ['the listing is refused', 'LIST imdblanding/imdb*', busy],
  ['the listing gets no answer', 'LIST imdblanding/imdb*', { kind: 'reset' }],
  ['a file is refused', `GET ${landed}`, busy],
  ['a file is cut in its middle', `GET ${landed}`, { kind: 'reset', afterBytes: 40 }],
])('the landing account: %s', async (_what, operation, action) => {
  const fault = disturb(operation, action);
  const record = await takesDeliveryOnce();
  expect(fault.fired).toBe(1);
  if (operation.startsWith('GET')) expect(stepOf(record, 'title.crew', 'copy').retries).toBe(1);
});

test('a landing account that stays busy fails the run by name; nothing is held against the file', async () => {
  const holdings = await lake.holdings('title.crew');
  delivery += 1;
  await lake.land({ [path]: crew() });
  disturb(`GET ${landed}`, busy, { times: everyTry });
  const record = await lake.run(incremental);
  expect(failuresOf(record)).toEqual({
    'title.crew': {
      step: 'copy-imdb-data-set',
      code: 'transient',
      message: expect.stringMatching(/title\.crew\.tsv.*503 ServerBusy/),
    },
  });
  expect(await lake.holdings('title.crew')).toEqual(holdings);
  expect((await lake.ledger()).dataSets['title.crew']?.refusal).toBeNull();
  lake.faults.clear();
  await takesDeliveryOnce();
});

test('a commit that is forbidden leaves the tables apart for one run, and the next one brings them together', async () => {
  delivery += 1;
  await lake.land({ [path]: crew() });
  const forbidden: FaultAction = { kind: 'status', status: 403, code: 'AuthorizationPermissionMismatch' };
  disturb('RENAME silver/imdb/title_writers/_delta_log/*', forbidden, { times: everyTry });
  const record = await lake.run(incremental);
  expect(failuresOf(record)).toMatchObject({ 'title.crew': { code: 'AuthorizationPermissionMismatch' } });
  lake.faults.clear();
  await lake.completed(incremental);
  expect(await lake.rows('title_directors')).toHaveLength(2 * delivery);
  expect(await lake.rows('title_writers')).toHaveLength(delivery);
});
