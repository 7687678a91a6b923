/** The HTTP interface of the app: starting, watching and cancelling runs, and what it says to those who ask for the impossible. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitForRun } from '../../local/app-client.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { raiseTestLake, type TestLake, tableNames } from './test-lake.ts';

let lake: TestLake;

beforeAll(async () => {
  lake = await raiseTestLake();
});

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

function start(body?: unknown, pipeline = 'youflix'): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return lake.request(`pipelines/${pipeline}/runs`, { method: 'POST', ...(text === undefined ? {} : { body: text }) });
}

interface Started {
  readonly runId: string;
  readonly links: { readonly run: string; readonly cancel: string; readonly management: Record<string, string> };
}

/** Starts a run and keeps it at its first look at the database for a while. */
async function startHeld(ms: number): Promise<Started> {
  lake.faults.add({ service: 'sqlserver', operation: 'LOGIN *', action: { kind: 'delay', ms }, times: 3 });
  const response = await start({ mode: 'full' });
  expect(response.status).toBe(202);
  return (await response.json()) as Started;
}

async function problemsOf(response: Response): Promise<readonly string[]> {
  return ((await response.json()) as { problems: string[] }).problems;
}

async function runs(query = ''): Promise<RunRecord[]> {
  return ((await (await lake.request(`runs${query}`)).json()) as { runs: RunRecord[] }).runs;
}

test('a start answers 202 with the run, and links that lead there', async () => {
  const response = await start();
  expect(response.status).toBe(202);
  const { runId, links } = (await response.json()) as Started;
  expect(response.headers.get('location')).toBe(links.run);
  expect(links.run).toBe(`${lake.app.url}/api/runs/${runId}`);
  expect(links.cancel).toBe(`${links.run}/cancel`);

  const early = (await (await fetch(links.run)).json()) as { runId: string };
  expect(early.runId).toBe(runId);
  await waitForRun(lake.app.url, runId, 25_000);
  const record = (await (await fetch(links.run)).json()) as RunRecord;
  expect(record).toMatchObject({ runId, pipeline: 'youflix', mode: 'incremental', status: 'Completed' });
  expect(record.request).toEqual({ pipeline: 'youflix', mode: 'incremental', tables: tableNames, range: null });

  const management = await fetch(links.management['statusQueryGetUri'] ?? '');
  expect(management.status).toBe(200);
  expect(await management.json()).toMatchObject({ instanceId: runId, runtimeStatus: 'Completed' });
});

test('GET /pipelines says what there is, when it runs, and how the last run went', async () => {
  const { runId } = await lake.completed({ mode: 'incremental' });
  const answer = (await (await lake.request('pipelines')).json()) as { pipelines: unknown[] };
  expect(answer.pipelines).toEqual([
    expect.objectContaining({
      name: 'youflix',
      tables: tableNames,
      schedule: '0 0 2 * * *',
      lastRun: expect.objectContaining({ runId, status: 'Completed' }),
    }),
    expect.objectContaining({ name: 'imdb', schedule: '0 0 5 * * *' }),
    expect.objectContaining({ name: 'tmdb', schedule: '0 0 6 * * *' }),
  ]);
});

test('GET /runs lists the newest first, as many as asked for', async () => {
  const older = await lake.completed({ mode: 'incremental' });
  const newer = await lake.completed({ mode: 'full', tables: ['plans'] });
  expect((await runs('?limit=2')).map(({ runId }) => runId)).toEqual([newer.runId, older.runId]);
  expect((await runs('?pipeline=youflix&limit=1')).map(({ runId }) => runId)).toEqual([newer.runId]);
});

test('GET /runs refuses what it does not understand', async () => {
  for (const [query, problem] of [
    ['?limit=0', /limit: expected 1 to 500/],
    ['?limit=many', /limit: expected 1 to 500/],
    ['?pipeline=nope', /no pipeline "nope" \(there are: youflix, imdb, tmdb\)/],
  ] as const) {
    const response = await lake.request(`runs${query}`);
    expect(response.status).toBe(400);
    expect(await problemsOf(response)).toEqual([expect.stringMatching(problem)]);
  }
});

test('a bad request gets 400 with every problem in it', async () => {
  const body = {
    mode: 'sideways',
    tables: ['users', 'films', 'actors'],
    range: { from: '2025-02-30T00:00:00Z', to: 'yesterday' },
    speed: 9,
  };
  const response = await start(body);
  expect(response.status).toBe(400);
  const problems = (await problemsOf(response)).join('\n');
  for (const named of [/^mode: /m, /"films"/, /"actors"/, /^range\.from: /m, /^range\.to: /m, /speed/])
    expect(problems).toMatch(named);
  expect(problems).not.toMatch(/"users"/);
});

test.each([
  ['a table in the wrong case', { tables: ['Users'] }, /no table "Users" \(there are: plans, users, subscriptions\)/],
  ['no table at all', { tables: [] }, /tables: /],
  ['a backfill without a range', { mode: 'backfill' }, /range: a backfill needs one/],
  [
    'a range with another mode',
    { mode: 'full', range: { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' } },
    /range: goes with mode backfill, not with full/,
  ],
  [
    'a range that ends before it begins',
    { mode: 'backfill', range: { from: '2025-01-02T00:00:00Z', to: '2025-01-01T00:00:00Z' } },
    /range: from .* must lie before to/,
  ],
  [
    'an empty range',
    { mode: 'backfill', range: { from: '2025-01-01T00:00:00Z', to: '2025-01-01T00:00Z' } },
    /must lie before/,
  ],
  ['text that is no JSON', '{"mode": ', /body: expected JSON/],
  ['a list', [1], /body: /],
])('%s is refused', async (_what, body, problem) => {
  const response = await start(body);
  expect(response.status).toBe(400);
  expect((await problemsOf(response)).join('\n')).toMatch(problem);
});

test('a pipeline that does not exist is refused by name', async () => {
  const response = await start({}, 'imdb2');
  expect(response.status).toBe(400);
  expect(await problemsOf(response)).toEqual([
    expect.stringMatching(/no pipeline "imdb2" \(there are: youflix, imdb, tmdb\)/),
  ]);
});

test.each(['youflix-20250101T000000000Z-abcdef', 'nope', '..%2F..%2Flocks%2Fyouflix', 'youflix-%00'])(
  'run %s is not known',
  async runId => {
    expect((await lake.request(`runs/${runId}`)).status).toBe(404);
    expect((await lake.request(`runs/${runId}/cancel`, { method: 'POST' })).status).toBe(404);
  },
);

test('while a run is under way a second one is refused, and told which', async () => {
  const { runId } = await startHeld(700);
  const refused = await start({ mode: 'full' });
  expect(refused.status).toBe(409);
  expect(await problemsOf(refused)).toEqual([expect.stringContaining(runId)]);
  expect((await waitForRun(lake.app.url, runId, 25_000)).status).toBe('Completed');
  await lake.completed({ mode: 'incremental' });
});

test('of starts at the same moment exactly one goes through', async () => {
  const before = (await runs()).length;
  const responses = await Promise.all(Array.from({ length: 6 }, () => start({ mode: 'incremental' })));
  expect(responses.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409]);
  const [newest] = await Promise.all(responses.filter(({ status }) => status === 202).map(accepted => accepted.json()));
  await waitForRun(lake.app.url, (newest as Started).runId, 25_000);
  expect(await runs()).toHaveLength(before + 1);
});

test('a cancelled run ends as cancelled, stays so, and leaves the way free', async () => {
  const silver = await lake.filesBelow('silver');
  const { runId, links } = await startHeld(700);
  const cancelled = await fetch(links.cancel, { method: 'POST' });
  expect(cancelled.status).toBe(202);
  expect(await cancelled.json()).toEqual({ runId, status: 'Cancelled' });
  const again = await fetch(links.cancel, { method: 'POST' });
  expect(again.status).toBe(409);
  expect(await problemsOf(again)).toEqual([expect.stringMatching(/already ended/)]);

  // The step that was held goes on in the app; nothing may follow it.
  await sleep(900);
  expect(await (await fetch(links.run)).json()).toMatchObject({ runId, status: 'Cancelled' });
  expect(await lake.filesBelow('silver')).toEqual(silver);
  await lake.completed({ mode: 'full' });
  await lake.expectSilverIsSource();
});

test('the timer starts an incremental run, and leaves one that is under way alone', async () => {
  const before = await runs();
  const fire = async (): Promise<void> => {
    const response = await fetch(`${lake.app.url}/admin/functions/timer-youflix`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(202);
  };
  lake.faults.add({ service: 'sqlserver', operation: 'LOGIN *', action: { kind: 'delay', ms: 1000 }, times: 3 });
  await fire();
  await expect.poll(async () => (await runs()).length, { timeout: 10_000 }).toBe(before.length + 1);
  await fire();
  const log = join(lake.cloud.dataDir, 'logs', 'host.log');
  await expect.poll(() => readFile(log, 'utf8'), { timeout: 10_000 }).toContain('not started: a run of youflix');
  const [newest] = await runs('?limit=1');
  const ended = await waitForRun(lake.app.url, newest?.runId ?? '', 25_000);
  expect(ended).toMatchObject({ mode: 'incremental', status: 'Completed' });
  expect(await runs()).toHaveLength(before.length + 1);
});

test('GET /health is 200 when all is well, and 503 naming what is not', async () => {
  const well = await lake.request('health');
  expect(well.status).toBe(200);
  expect(await well.json()).toEqual({ status: 'ok', lake: 'ok', imdbLanding: 'ok', tmdb: 'ok', youflixDatabase: 'ok' });

  lake.faults.add({ service: 'sqlserver', operation: 'LOGIN *', action: { kind: 'reset' }, times: 50 });
  const noDatabase = await lake.request('health');
  expect(noDatabase.status).toBe(503);
  expect(await noDatabase.json()).toMatchObject({ status: 'failed', lake: 'ok', youflixDatabase: 'failed' });

  lake.faults.clear();
  const action = { kind: 'status', status: 403, code: 'AuthorizationFailure' } as const;
  lake.faults.add({ service: 'storage', operation: 'HEAD control/health', action });
  const noLake = await lake.request('health');
  expect(noLake.status).toBe(503);
  expect(await noLake.json()).toMatchObject({ status: 'failed', lake: 'failed', youflixDatabase: 'ok' });
});

test('a start that cannot take its lock says that it may be tried again', async () => {
  const action = { kind: 'status', status: 503, code: 'ServerBusy', retryAfterSeconds: 0 } as const;
  lake.faults.add({ service: 'storage', operation: '* control/locks/*', action, times: 5 });
  const response = await start({ mode: 'incremental' });
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(0);
  expect(await problemsOf(response)).toEqual([expect.stringMatching(/control\/locks\/youflix\.json.*503 ServerBusy/)]);
  await lake.completed({ mode: 'incremental' });
});
