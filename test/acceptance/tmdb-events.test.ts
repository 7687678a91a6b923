/** Events that come late, twice, out of order or from strangers: silver holds the latest landing, and nothing else happens. */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningHost, startHost } from '../../local/host/host.ts';
import { loadKeys } from '../../local/host/keys.ts';
import { createLog } from '../../local/host/log.ts';
import { bronzePagePath, silverPartitionPath } from '../../shared/catalog/lake-paths.ts';
import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import { listLandedEvent } from '../../shared/events/list-landed.ts';
import type { LandedList } from '../../shared/sources/tmdb/landed-list.ts';
import { failuresOf } from './raised-lake.ts';
import { carried, raiseTmdbLake, type TmdbLake } from './tmdb-lake.ts';

let lake: TmdbLake;

const lists: readonly string[] = tmdbLists.map(({ name }) => name);
const popular = { tables: ['popular'] };
const webhook = '/runtime/webhooks/eventgrid?functionName=tmdb-list-landed';
const delivery = { service: 'event-grid', operation: 'DELIVER tmdb-list-landed tmdb/lists/*' } as const;

beforeAll(async () => {
  lake = await raiseTmdbLake();
});

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

/** Posts what Event Grid would. */
async function notify(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { status } = await fetch(`${url}${webhook}`, {
    method: 'POST',
    headers: { 'aeg-event-type': 'Notification', 'content-type': 'application/cloudevents+json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return status;
}

/** The event of a landing as the topic gets it at this moment. */
function sent(landed: LandedList) {
  return { ...listLandedEvent(landed), sentat: new Date().toISOString() };
}

/** Does something to the lake between the landing and its event. */
function beforeTheEvent(work: () => Promise<unknown>): void {
  const stop = lake.faults.observe(async ({ service, operation, phase }) => {
    if (service !== 'event-grid' || !operation.startsWith('PUBLISH') || phase !== 'before') return;
    stop();
    await work();
  });
}

/** That of the run under way. */
async function newestManifest(): Promise<string> {
  const found = Object.keys(await lake.filesBelow('bronze/tmdb/popular')).filter(path =>
    path.endsWith('manifest.json'),
  );
  return join(lake.folder, 'bronze/tmdb/popular', found.sort().at(-1) ?? '');
}

async function expectSilverStandsOn(landed: LandedList): Promise<void> {
  const { list, date, runId, rows } = landed;
  expect(await lake.partition(landed)).toMatchObject({ runId, content: { quarantined: 0 } });
  const found = await lake.query(
    `SELECT run_id, count(*)::INT AS movies, count(title)::INT AS titles
     FROM movie_lists FULL JOIN movies USING (list, date, movie_id, run_id)
     WHERE list = '${list}' AND date = '${date}' GROUP BY run_id`,
  );
  expect(found).toEqual([{ run_id: runId, movies: rows, titles: rows }]);
}

/** How often the app's log says something. */
async function timesSaid(text: string): Promise<number> {
  const log = await readFile(join(lake.cloud.dataDir, 'logs', 'host.log'), 'utf8');
  return log.split(text).length - 1;
}

/** How often an event was taken for one that there is work for. */
function timesTaken({ runId, list }: LandedList): Promise<number> {
  return timesSaid(`${runId}.${list} landed: started`);
}

/** Ids of all orchestrations that a host knows; with one that is new there was a start. */
async function orchestrations(url: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const response = await fetch(`${url}/runtime/webhooks/durabletask/instances`, { headers });
  return ((await response.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId);
}

test('an event that is delivered five times starts one transform', async () => {
  const answersLost = lake.faults.add({ ...delivery, phase: 'after', action: { kind: 'reset' }, times: 4 });
  let attempts = 0;
  const stop = lake.faults.observe(({ operation, phase }) => {
    if (phase === 'after' && operation.startsWith('DELIVER tmdb-list-landed')) attempts += 1;
  });
  const { popular: landed } = await carried(lake, ['popular']);
  await expect.poll(() => attempts, { timeout: 10_000 }).toBe(5);
  stop();
  expect(answersLost.fired).toBe(4);
  expect(await timesTaken(landed)).toBe(1);
  await expectSilverStandsOn(landed);
});

test('an event that comes eight times at the same moment is done once', async () => {
  // Event Grid gives this one up: the test delivers it.
  const givenUp = lake.faults.add({ ...delivery, action: { kind: 'status', status: 400 } });
  const landed = await lake.landed(await lake.completed(popular), 'popular');
  await expect.poll(() => givenUp.fired).toBe(1);
  const event = sent(landed);
  const statuses = await Promise.all(Array.from({ length: 8 }, () => notify(lake.app.url, event)));
  expect(statuses).toContain(202);
  expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  // Whoever was turned away comes again, and finds it done.
  expect(await notify(lake.app.url, event)).toBe(202);
  expect(await timesTaken(landed)).toBe(1);
  await expectSilverStandsOn(landed);
});

test('an event that is published again on request is transformed again: what was lost of silver comes back', async () => {
  const { popular: landed } = await carried(lake, ['popular']);
  const lost = join(lake.folder, silverPartitionPath('tmdb', 'movies', 'popular', sent(landed).data.date));
  await rm(lost);
  const body = JSON.stringify({ pipeline: 'tmdb', lists: ['popular'] });
  const response = await lake.request('events/republications', { method: 'POST', body });
  expect(await response.json()).toMatchObject({ refused: [], published: expect.arrayContaining([sent(landed).id]) });
  const isBack = async () => existsSync(lost) && (await lake.partition(landed))?.content !== null;
  await expect.poll(isBack, { timeout: 10_000 }).toBe(true);
  await expectSilverStandsOn(landed);
});

test('of landings whose events are doubled and overtake each other the last one stands, each done once', async () => {
  const forever = { times: Number.POSITIVE_INFINITY };
  const doubled = lake.faults.add({ ...delivery, phase: 'after', action: { kind: 'reset' }, share: 0.2, ...forever });
  const delayed = lake.faults.add({ ...delivery, action: { kind: 'delay', ms: 800 }, share: 0.4, ...forever });
  const landings: LandedList[] = [];
  for (let round = 0; round < 2; round++) {
    const record = await lake.completed({ tables: lists });
    for (const list of lists) landings.push(await lake.landed(record, list));
  }
  for (const landed of landings) expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  expect(doubled.fired).toBeGreaterThan(0);
  expect(delayed.fired).toBeGreaterThan(0);
  for (const landed of landings) expect(await timesTaken(landed)).toBe(1);
  for (const landed of landings.slice(-lists.length)) await expectSilverStandsOn(landed);
});

test('an event that is overtaken by a later landing of the same day changes nothing', async () => {
  // The first one to be delivered waits until the second one is in silver.
  const { promise: secondIsIn, resolve: letGo } = Promise.withResolvers<void>();
  const held = lake.faults.observe(async ({ service, phase, operation }) => {
    if (service !== 'event-grid' || phase !== 'before' || !operation.startsWith('DELIVER')) return;
    held();
    await secondIsIn;
  });
  const early = await lake.landed(await lake.completed(popular), 'popular');
  const { popular: late } = await carried(lake, ['popular']);
  const silver = await lake.filesBelow('silver/tmdb');
  letGo();
  const record = await lake.transformOf(early);
  expect(record).toMatchObject({ status: 'Completed', tables: [] });
  expect(record.notes).toEqual([expect.stringContaining('silver has the result of a later landing already')]);
  expect(await lake.filesBelow('silver/tmdb')).toEqual(silver);
  await expectSilverStandsOn(late);
});

test('an event that comes before its manifest can be seen waits for it', async () => {
  let manifest = '';
  beforeTheEvent(async () => {
    manifest = await newestManifest();
    await rename(manifest, `${manifest}.away`);
  });
  let looks = 0;
  const watching = lake.faults.observe(async ({ operation, phase }) => {
    if (phase !== 'before' || !/^(GET|HEAD) bronze\/.*manifest\.json$/.test(operation) || manifest === '') return;
    looks += 1;
    // Once it was missed.
    if (looks !== 2) return;
    watching();
    await rename(`${manifest}.away`, manifest);
  });
  const record = await lake.completed(popular);
  await expect.poll(() => looks, { timeout: 10_000 }).toBe(2);
  const landed = await lake.landed(record, 'popular');
  expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  await expectSilverStandsOn(landed);
});

test('an event of pages that are gone fails, silver stays; once they are back the event, sent again, heals it', async () => {
  const { popular: before } = await carried(lake, ['popular']);
  let page = '';
  beforeTheEvent(async () => {
    page = (await newestManifest()).replace('manifest.json', 'page-0002.json');
    await rename(page, `${page}.away`);
  });
  const landed = await lake.landed(await lake.completed(popular), 'popular');
  const failed = await lake.transformOf(landed);
  expect(failuresOf(failed)).toMatchObject({
    popular: { code: 'landing-gone', message: expect.stringContaining(bronzePagePath(landed.folder, 2)) },
  });
  await expectSilverStandsOn(before);

  await rename(`${page}.away`, page);
  expect(await notify(lake.app.url, sent(landed))).toBe(202);
  await expect.poll(async () => (await lake.transformOf(landed)).status, { timeout: 10_000 }).toBe('Completed');
  await expectSilverStandsOn(landed);
});

test('bytes that are not those of the event do not reach silver', async () => {
  const { popular: before } = await carried(lake, ['popular']);
  beforeTheEvent(async () => {
    const page = (await newestManifest()).replace('manifest.json', 'page-0001.json');
    const text = await readFile(page, 'utf8');
    await writeFile(page, text.replace('"adult":false', '"adult":true '));
  });
  const landed = await lake.landed(await lake.completed(popular), 'popular');
  expect(failuresOf(await lake.transformOf(landed))).toMatchObject({ popular: { code: 'landing-changed' } });
  await expectSilverStandsOn(before);
});

test('an event of something else, or of nothing, is acknowledged, said in the log, and starts nothing', async () => {
  const { popular: landed } = await carried(lake, ['popular']);
  const event = sent(landed);
  const before = await orchestrations(lake.app.url);
  const refused = await timesSaid('event refused: ');
  const wrong = [
    { ...event, type: 'youflix.tmdb.list-landed.v2' },
    { ...event, specversion: '0.3' },
    { ...event, data: { ...event.data, list: '../control' } },
    { ...event, data: { ...event.data, path: 'bronze/tmdb/popular/../../../control' } },
    { ...event, data: { ...event.data, path: event.data.path.replace('popular', 'upcoming') } },
    { ...event, data: { ...event.data, pages: 0 } },
    { ...event, data: null },
    { ...event, sentat: new Date(Date.now() - 26 * 3_600_000).toISOString() },
    { ...event, sentat: new Date(Date.now() + 3_600_000).toISOString() },
    { hello: 'world' },
  ];
  for (const body of wrong) expect(await notify(lake.app.url, body)).toBe(202);
  // Played back: it has been done since it was sent.
  expect(await notify(lake.app.url, { ...event, sentat: event.time })).toBe(202);
  expect(await orchestrations(lake.app.url)).toEqual(before);
  expect(await timesTaken(landed)).toBe(1);
  expect(await timesSaid('event refused: ')).toBe(refused + wrong.length);
  expect(await notify(lake.app.url, 'no JSON at all')).toBe(400);
});

test.each([
  ['that would be older', -60_000, { status: 'Completed', tables: [] }],
  [
    'that would be newer',
    60_000,
    { status: 'Failed', tables: [{ failure: { message: expect.stringContaining('found no file') } }] },
  ],
])('an event of a landing %s, and never was, leaves silver alone', async (_what, laterMs, expected) => {
  const { popular: landed } = await carried(lake, ['popular']);
  const runId = 'tmdb-forged';
  const folder = landed.folder.replace(landed.runId, runId);
  const landedAt = new Date(Date.parse(landed.landedAt) + laterMs).toISOString();
  const forged = { ...landed, runId, folder, landedAt };
  expect(await notify(lake.app.url, sent(forged))).toBe(202);
  const { status, tables } = await lake.transformOf(forged);
  expect({ status, tables }).toMatchObject(expected);
  await expectSilverStandsOn(landed);
});

test('with keys asked for, the webhook is closed to whoever has not the one of Event Grid', async () => {
  const { popular: landed } = await carried(lake, ['popular']);
  const event = sent(landed);
  const dataFolder = join(lake.cloud.dataDir, 'guarded-host');
  const host = await guardedHost(dataFolder);
  try {
    const { master, functions, system } = loadKeys(dataFolder);
    const asAdmin = { 'x-functions-key': master };
    const known = await orchestrations(host.url, asAdmin);
    expect(await notify(host.url, event)).toBe(401);
    for (const key of ['', 'guessed', functions, system['durabletask_extension'] ?? '']) {
      expect(await notify(host.url, event, { 'x-functions-key': key }), key).toBe(401);
    }
    const handshake = await fetch(`${host.url}${webhook}`, { method: 'OPTIONS' });
    expect(handshake.status).toBe(401);
    expect(await orchestrations(host.url, asAdmin)).toEqual(known);

    const key = system['eventgrid_extension'] ?? '';
    expect(await notify(host.url, event, { 'x-functions-key': key })).toBe(202);
    expect(await orchestrations(host.url, asAdmin)).toHaveLength(known.length + 1);
  } finally {
    await host.close();
  }
});

/** The app once more, on the same lake, under a host that asks for keys. */
async function guardedHost(dataFolder: string): Promise<RunningHost> {
  return startHost({
    scriptRoot: join(import.meta.dirname, '..', '..'),
    dataFolder,
    port: 0,
    enableAuth: true,
    env: { ...process.env, ...lake.cloud.settings },
    log: createLog(() => undefined, { verbose: false }),
  });
}
