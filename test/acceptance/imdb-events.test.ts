/** Files that land, change and go while the app is at work: what Event Grid tells of it, what it tells twice, and what never. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { listRuns } from '../../local/app-client.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { type ImdbLake, raiseImdbLake } from './imdb-lake.ts';
import { failuresOf, stepOf, tableOf } from './raised-lake.ts';

let lake: ImdbLake;
let delivery = 0;

const path = 'title.ratings.tsv';
const reading = { service: 'storage', operation: `GET imdblanding/imdb/${path}` };
const delivering = { service: 'event-grid', operation: `DELIVER imdb-landed */blobs/${path}` };
const ratings = { mode: 'incremental', tables: ['title.ratings'] };

beforeAll(async () => {
  lake = await raiseImdbLake({ files: { [path]: nextDelivery(), 'title.crew.tsv': crew(1) } });
  await lake.completed({ mode: 'incremental' });
}, 60_000);

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

/** With one more vote than the last one, and longer than that. */
function nextDelivery(): Buffer {
  delivery += 1;
  const title = `tt${'1'.repeat(delivery)}`;
  return Buffer.from(`tconst\taverageRating\tnumVotes\n${title}\t7.5\t${1000 + delivery}\n`);
}

function crew(director: number): Buffer {
  return Buffer.from(`tconst\tdirectors\twriters\ntt0000001\tnm${director}\t\\N\n`);
}

async function upload(content: Buffer): Promise<string> {
  const { etag = '' } = await lake.container.getBlockBlobClient(path).uploadData(content);
  return etag.replaceAll('"', '');
}

/** The runs since `before`, once the ledger has this version of the file and none of them is under way. */
async function runsAfterTaking(etag: string, before: string | undefined): Promise<readonly RunRecord[]> {
  await expect
    .poll(async () => (await lake.ledger()).files[path], { timeout: 15_000, interval: 50 })
    .toMatchObject({ etag, done: { 'title.ratings': 'copied' } });
  return endedRuns(before);
}

/** The runs since `before`: one at least, all of them ended. */
async function endedRuns(before: string | undefined): Promise<readonly RunRecord[]> {
  const since = async (): Promise<readonly RunRecord[]> => {
    const runs = (await listRuns(lake.app.url, 'imdb', 20)) as readonly RunRecord[];
    const index = runs.findIndex(({ runId }) => runId === before);
    return runs.slice(0, index === -1 ? runs.length : index);
  };
  const unended = async (): Promise<unknown> => {
    const runs = await since();
    return runs.length === 0 ? 'no run yet' : runs.filter(({ endedAt }) => endedAt === null);
  };
  await expect.poll(unended, { timeout: 15_000 }).toEqual([]);
  return since();
}

/** How many events the app has answered with "that is in the ledger already". */
async function needlessEvents(): Promise<number> {
  const log = await readFile(join(lake.cloud.dataDir, 'logs/host.log'), 'utf8');
  return log.split(`${path}: this version is in the ledger already`).length - 1;
}

async function newestRunId(): Promise<string | undefined> {
  return (await listRuns(lake.app.url, 'imdb', 1))[0]?.runId;
}

async function votes(): Promise<unknown> {
  const [row] = await lake.rows('title_ratings');
  return row?.['num_votes'];
}

/** Does something before the file is read for the nth time from now on. Returns whether it was done. */
function atReading(nth: number, work: () => Promise<unknown>): () => boolean {
  let reads = 0;
  const stop = lake.faults.observe(async ({ operation, phase }) => {
    if (operation !== reading.operation || phase !== 'before') return;
    reads += 1;
    if (reads !== nth) return;
    stop();
    await work();
  });
  return () => reads === nth;
}

test('an upload starts a run by itself', async () => {
  const before = await newestRunId();
  const version = await lake.deltaVersion('imdb/title_ratings');
  const etag = await upload(nextDelivery());
  const runs = await runsAfterTaking(etag, before);
  expect(runs.map(({ status }) => status)).toEqual(['Completed']);
  expect(await lake.deltaVersion('imdb/title_ratings')).toBe(version + 1);
  expect(await votes()).toBe(1000 + delivery);
});

test('an event that is delivered five times makes one run and one version', async () => {
  const before = await newestRunId();
  const version = await lake.deltaVersion('imdb/title_ratings');
  let attempts = 0;
  const stop = lake.faults.observe(async ({ operation, phase }) => {
    if (!operation.startsWith('DELIVER imdb-landed')) return;
    if (phase === 'after') attempts += 1;
    // All but the first come when the run is over: while it is under way they would be turned away, and not be the last ones.
    else if (attempts > 0) await endedRuns(before);
  });
  const lost = lake.faults.add({ ...delivering, phase: 'after', action: { kind: 'reset' }, times: 4 });
  const etag = await upload(nextDelivery());
  await runsAfterTaking(etag, before);
  await expect.poll(() => attempts, { timeout: 15_000 }).toBe(5);
  stop();
  expect(lost.fired).toBe(4);
  expect(await endedRuns(before)).toHaveLength(1);
  expect(await lake.deltaVersion('imdb/title_ratings')).toBe(version + 1);
});

test('the same bytes under a new ETag are noticed, and not copied again', async () => {
  const content = nextDelivery();
  const earlier = await newestRunId();
  const first = await upload(content);
  await runsAfterTaking(first, earlier);
  const before = await newestRunId();
  const holdings = await lake.holdings('title.ratings');

  const second = await upload(content);
  expect(second).not.toBe(first);
  const runs = await runsAfterTaking(second, before);
  expect(runs).toMatchObject([{ status: 'Completed', tables: [] }]);
  expect(await lake.holdings('title.ratings')).toEqual(holdings);
});

test('a file whose event never comes is taken by the next incremental run', async () => {
  // 400 is final: the service gives the event up.
  const missed = lake.faults.add({ ...delivering, action: { kind: 'status', status: 400 } });
  const before = await newestRunId();
  const etag = await upload(nextDelivery());
  await expect.poll(() => missed.fired).toBe(1);
  expect(await newestRunId()).toBe(before);
  const record = await lake.completed({ mode: 'incremental' });
  expect(tableOf(record, 'title.ratings').outcome).toBe('ok');
  expect((await lake.ledger()).dataSets['title.ratings']?.current?.source.etag).toBe(etag);
});

test('a file that is replaced while it is read is read again, as it is now', async () => {
  await lake.land({ [path]: nextDelivery() });
  const version = await lake.deltaVersion('imdb/title_ratings');
  const needless = await needlessEvents();
  let etag = '';
  // The first reading breaks off in its middle; before the next one another version lies there.
  const replaced = atReading(2, async () => {
    etag = await upload(nextDelivery());
  });
  const broken = lake.faults.add({ ...reading, action: { kind: 'reset', afterBytes: 20 } });
  const record = await lake.completed(ratings);
  expect([broken.fired, replaced()]).toEqual([1, true]);
  expect(stepOf(record, 'title_ratings', 'flatten').counts).toMatchObject({ inserted: 1, deleted: 1 });
  expect(await votes()).toBe(1000 + delivery);
  expect(await lake.deltaVersion('imdb/title_ratings')).toBe(version + 1);
  const { current } = (await lake.ledger()).dataSets['title.ratings'] ?? {};
  expect(current).toMatchObject({ runId: record.runId, source: { etag } });
  // The event of that upload came while the run was under way, and is brought again until it finds its version taken.
  await expect.poll(needlessEvents, { timeout: 15_000 }).toBe(needless + 1);
});

// A version of as many bytes as the one before is read by the plan: nothing else tells whether it is the same.

function ofOneLength(votes: number): Buffer {
  return Buffer.from(`tconst\taverageRating\tnumVotes\ntt1\t7.5\t${votes}\n`);
}

test('a file that is replaced while a run makes its plan waits for its event; the others do not wait', async () => {
  await lake.land({ [path]: ofOneLength(1111) });
  await lake.completed(ratings);
  await lake.land({ [path]: ofOneLength(2222), 'title.crew.tsv': crew(10) });
  let etag = '';
  const replaced = atReading(1, async () => {
    etag = await upload(ofOneLength(3333));
  });
  const record = await lake.completed({ mode: 'incremental' });
  expect(replaced()).toBe(true);
  expect(record.notes).toEqual([expect.stringMatching(/title\.ratings\.tsv: replaced since it was listed/)]);
  expect(tableOf(record, 'title_directors').outcome).toBe('ok');
  await runsAfterTaking(etag, record.runId);
  expect(await votes()).toBe(3333);
});

test('a file that is deleted while a run makes its plan is noted; the others are taken', async () => {
  await lake.land({ [path]: ofOneLength(4444), 'title.crew.tsv': crew(11) });
  const deleted = atReading(1, () => lake.container.deleteBlob(path));
  const record = await lake.completed({ mode: 'incremental' });
  expect(deleted()).toBe(true);
  expect(record.notes).toEqual([expect.stringContaining(path)]);
  expect(tableOf(record, 'title_directors').outcome).toBe('ok');
  expect(await votes()).toBe(3333);
});

/** Brings the app the event of a deletion, which a subscription may let through. Returns the status of the answer. */
async function deliverDeletion(): Promise<number> {
  const event = {
    id: randomUUID(),
    topic: '/subscriptions/0/resourceGroups/youflix/providers/Microsoft.Storage/storageAccounts/imdblanding',
    subject: `/blobServices/default/containers/imdb/blobs/${path}`,
    eventType: 'Microsoft.Storage.BlobDeleted',
    eventTime: new Date().toISOString(),
    dataVersion: '',
    metadataVersion: '1',
    data: { api: 'DeleteBlob' },
  };
  const { status } = await fetch(`${lake.app.url}/runtime/webhooks/eventgrid?functionName=imdb-landed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
    body: JSON.stringify([event]),
  });
  return status;
}

test('a file that is deleted while it is read fails its data set alone; its event changes nothing', async () => {
  await lake.land({ [path]: nextDelivery(), 'title.crew.tsv': crew(2) });
  const holdings = await lake.holdings('title.ratings');
  const { current } = (await lake.ledger()).dataSets['title.ratings'] ?? {};
  let answer = 0;
  const deleted = atReading(1, async () => {
    await lake.container.deleteBlob(path);
    answer = await deliverDeletion();
  });
  const record = await lake.run({ mode: 'incremental' });
  // Not turned away, although a run is under way: there is nothing to do for it.
  expect([deleted(), answer]).toEqual([true, 202]);
  expect(failuresOf(record)).toEqual({
    'title.ratings': {
      step: 'copy-imdb-data-set',
      code: 'source-gone',
      message: expect.stringContaining(path),
    },
  });
  expect(tableOf(record, 'title_directors').outcome).toBe('ok');
  expect(await lake.holdings('title.ratings')).toEqual(holdings);
  expect((await lake.ledger()).dataSets['title.ratings']).toMatchObject({ current, refusal: null });

  const etag = await upload(nextDelivery());
  await runsAfterTaking(etag, record.runId);
  expect(await votes()).toBe(1000 + delivery);
});
