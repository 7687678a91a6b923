/** The token and the key of the topic, wrong and right: what is wrong is said, what is secret is never said, and nothing is lost. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppProcess } from '../../local/app-process.ts';
import { eventTopic, tmdbToken } from '../../local/settings.ts';
import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import { failuresOf, type Settings } from './raised-lake.ts';
import { raiseTmdbLake, type TmdbLake } from './tmdb-lake.ts';

let lake: TmdbLake;
let app: AppProcess;
let right: Settings;

const lists: readonly string[] = tmdbLists.map(({ name }) => name);
const wrongToken = 'Canary-token-4711';
const wrongKey = Buffer.from('canary key of the topic').toString('base64');

beforeAll(async () => {
  lake = await raiseTmdbLake({
    settings(usual) {
      right = usual;
      return { ...usual, TMDB_API_TOKEN: wrongToken };
    },
  });
  app = lake.app;
});

afterAll(() => lake?.[Symbol.asyncDispose]());

/** Stops the app and starts it again on other settings. */
async function restartWith(settings: Settings): Promise<void> {
  await app.stop();
  await writeFile(
    join(lake.cloud.dataDir, 'local.settings.json'),
    JSON.stringify({ IsEncrypted: false, Values: settings }),
  );
  app = await lake.cloud.startApp();
}

/** Logs, durable state, events under way and the lake, and what the app answers. */
async function everythingSaid(): Promise<string> {
  const said: string[] = [];
  for (const folder of ['logs', 'host', 'lake', 'event-grid']) {
    const root = join(lake.cloud.dataDir, folder);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) said.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
  for (const path of ['health', 'pipelines', 'runs?limit=100']) said.push(await (await lake.request(path)).text());
  return said.join('\n');
}

async function statuses(): Promise<readonly string[]> {
  return (await lake.outbox()).map(({ status }) => status);
}

// One story: the token is wrong, then the key, then nothing, until the token expires.

test('a wrong token fails every list with what to check; nothing is landed and nobody is told', async () => {
  const record = await lake.run({});
  expect(record.status).toBe('Failed');
  const failures = failuresOf(record);
  expect(Object.keys(failures).sort()).toEqual([...lists, 'lookups'].sort());
  for (const failure of Object.values(failures))
    expect(failure).toMatchObject({ code: 'tmdb-token', message: expect.stringContaining('check TMDB_API_TOKEN') });
  expect(await lake.filesBelow('bronze')).toEqual({});
  expect(await lake.outbox()).toEqual([]);
});

test('with a wrong key of the topic the lists land, and their events wait', async () => {
  await restartWith({ ...right, EVENT_GRID_KEY: wrongKey });
  const record = await lake.run({ tables: ['popular', 'upcoming'] });
  expect(failuresOf(record)).toEqual({
    events: {
      step: 'publish-events',
      code: 'event-grid-401',
      message: expect.stringContaining('check EVENT_GRID_KEY'),
    },
  });
  expect((await lake.landed(record, 'popular')).rejected).toEqual([]);
  expect(await statuses()).toEqual(['pending', 'pending']);
  expect(await lake.filesBelow('silver')).toEqual({});

  // The next run begins with what is overdue, fails there too, and lands its own all the same.
  const next = await lake.run({ tables: ['popular'] });
  expect(Object.keys(failuresOf(next))).toEqual(['overdue events', 'events']);
  expect(await statuses()).toEqual(['pending', 'pending', 'pending']);
});

test('the next run with the right key sends what waited, and silver has it', async () => {
  await restartWith(right);
  const waiting = await lake.outbox();
  const record = await lake.completed({ tables: ['top_rated'] });
  expect(record.tables.map(({ table }) => table)).toEqual([
    'overdue events',
    'genres',
    'configuration',
    'top_rated',
    'events',
  ]);
  expect(await statuses()).toEqual(['published', 'published', 'published', 'published']);
  for (const { event } of waiting) {
    const { list, runId } = event.data as { list: string; runId: string };
    const landed = await lake.landed({ ...record, runId }, list);
    expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  }
});

test('a token that expires in the middle of a run fails that list, and keeps what was there', async () => {
  const landed = await lake.landed(await lake.completed({ tables: ['popular'] }), 'popular');
  await lake.transformOf(landed);
  const expired = lake.faults.add({
    ...{ service: 'tmdb', operation: 'GET /3/movie/*', skip: 2, times: Number.POSITIVE_INFINITY },
    action: { kind: 'status', status: 401 },
  });
  const record = await lake.run({ tables: ['popular'] });
  lake.faults.clear();
  expect(failuresOf(record)).toEqual({
    popular: {
      step: 'ingest-tmdb-list',
      code: 'tmdb-token',
      message: expect.stringMatching(
        /GET \/3\/movie\/popular\?.*answered 401; check TMDB_API_TOKEN: it is wrong, or no longer valid/,
      ),
    },
  });
  // Asked once, and not again and again.
  expect(expired.fired).toBe(1);
  expect(await lake.partition(landed)).toMatchObject({ runId: landed.runId });
  await lake.completed({ tables: ['popular'] });
});

test('none of them, wrong or right, is in a log, a record, a file of the lake or an answer', async () => {
  const said = await everythingSaid();
  expect(said).toContain('check TMDB_API_TOKEN');
  expect(said).toContain('check EVENT_GRID_KEY');
  for (const secret of [wrongToken, tmdbToken, wrongKey, eventTopic.key]) expect(said).not.toContain(secret);
});
