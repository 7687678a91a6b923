import { app, type HttpHandler, HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Services } from '../../../functions/services.ts';
import { registerHttpPipelines } from '../../../functions/triggers/http-pipelines.ts';
import { registerHttpRuns } from '../../../functions/triggers/http-runs.ts';
import type { RunRecord, RunRequest, RunStatus } from '../../../shared/runs/run-record.ts';
import { findRunRecord, saveRunRecord } from '../../../shared/runs/run-records.ts';
import { type DurableApi, startDurableApi } from './durable-api.ts';
import { testServices } from './test-services.ts';

interface Registered {
  readonly route: string;
  readonly methods: readonly string[];
  readonly authLevel: string;
  readonly handler: HttpHandler;
  readonly extraInputs: readonly { readonly name: string }[];
}

const runId = 'youflix-20260131T120000000Z-0a1b2c';
const request: RunRequest = { pipeline: 'youflix', mode: 'full', tables: ['plans', 'users'], range: null };
const runInput = { request, startedAt: '2026-01-31T12:00:00.000Z', retry: { firstIntervalMs: 1 } };

const endpoints = new Map<string, Registered>();
let durable: DurableApi;
let services: Services;

beforeEach(async () => {
  // Outside a host a registration goes nowhere; here it is kept, so that the handler can be called as the host would.
  vi.spyOn(app, 'http').mockImplementation((name, options) => {
    endpoints.set(name, options as unknown as Registered);
  });
  durable = await startDurableApi();
  services = testServices({ clock: { now: () => Date.UTC(2026, 0, 31, 13) } });
  registerHttpRuns(services);
  registerHttpPipelines(services);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await durable.close();
});

interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: string;
}

async function send(endpoint: string, { params = {}, query = {}, body }: Sent = {}): Promise<HttpResponseInit> {
  const { handler, extraInputs = [] } = endpoints.get(endpoint) as Registered;
  const context = new InvocationContext({
    functionName: endpoint,
    options: { extraInputs } as unknown as InvocationContext['options'],
    logHandler: () => undefined,
  });
  for (const input of extraInputs) context.extraInputs.set(input.name, durable.binding);
  const sent = new HttpRequest({
    method: endpoints.get(endpoint)?.methods[0] ?? 'GET',
    url: 'http://127.0.0.1:7071/api/x',
    params,
    query,
    ...(body === undefined ? {} : { body: { string: body } }),
  });
  return (await handler(sent, context)) as HttpResponseInit;
}

function record(status: RunStatus, id = runId, startedAt = runInput.startedAt): RunRecord {
  const endedAt = status === 'Running' ? null : '2026-01-31T12:30:00.000Z';
  return { runId: id, pipeline: 'youflix', mode: 'full', status, startedAt, endedAt, request, tables: [] };
}

test('every endpoint needs a key', () => {
  expect([...endpoints.keys()].sort()).toEqual(['cancel-run', 'get-run', 'list-pipelines', 'list-runs', 'start-run']);
  for (const [name, { authLevel }] of endpoints) expect(authLevel, name).toBe('function');
});

describe('starting', () => {
  test('202, with where to look', async () => {
    const answer = await send('start-run', {
      params: { pipeline: 'youflix' },
      body: '{"mode":"full","tables":["users"]}',
    });
    expect(answer.status).toBe(202);
    const { runId: started, links } = answer.jsonBody as { runId: string; links: Record<string, string> };
    expect(answer.headers).toMatchObject({ Location: `http://127.0.0.1:7071/api/runs/${started}` });
    expect(links).toMatchObject({ run: expect.stringContaining(started), cancel: expect.stringMatching(/\/cancel$/) });
    expect(durable.instances.get(started)).toMatchObject({
      name: 'youflix',
      input: { request: { mode: 'full', tables: ['users'] } },
    });
  });

  test('409 while one is running', async () => {
    await send('start-run', { params: { pipeline: 'youflix' } });
    expect((await send('start-run', { params: { pipeline: 'youflix' } })).status).toBe(409);
    expect(durable.instances.size).toBe(1);
  });

  test.each([
    ['imdbx', '{}', 'there is no pipeline "imdbx" (there are: youflix, imdb, tmdb)'],
    ['youflix', '{"mode":', 'body: expected JSON'],
    ['youflix', '{"mode":"all"}', 'mode: expected'],
  ])('400 for %s with %s', async (pipeline, body, problem) => {
    const answer = await send('start-run', { params: { pipeline }, body });
    expect(answer).toMatchObject({ status: 400, jsonBody: { problems: [expect.stringContaining(problem)] } });
    expect(durable.requests).toEqual([]);
  });
});

describe('looking', () => {
  test('a run is its record', async () => {
    await saveRunRecord(services.store, record('Running'));
    expect((await send('get-run', { params: { runId } })).jsonBody).toEqual(record('Running'));
  });

  test('a run whose orchestration broke off before its record could say so', async () => {
    await saveRunRecord(services.store, record('Running'));
    durable.instances.set(runId, { name: 'youflix', input: runInput, status: 'Failed' });
    expect((await send('get-run', { params: { runId } })).jsonBody).toEqual({ ...record('Running'), status: 'Failed' });
  });

  test('a run that was started, and is not yet on record', async () => {
    durable.instances.set(runId, { name: 'youflix', input: runInput, status: 'Pending' });
    expect((await send('get-run', { params: { runId } })).jsonBody).toEqual({ runId, status: 'Pending' });
  });

  test('no such run', async () => {
    expect(await send('get-run', { params: { runId } })).toMatchObject({ status: 404 });
  });

  test('the newest runs first, as many as asked for', async () => {
    for (const day of ['01', '03', '02'])
      await saveRunRecord(services.store, record('Completed', `youflix-202601${day}`, `2026-01-${day}T00:00:00.000Z`));
    const { runs } = (await send('list-runs', { query: { limit: '2' } })).jsonBody as { runs: RunRecord[] };
    expect(runs.map(run => run.runId)).toEqual(['youflix-20260103', 'youflix-20260102']);
    expect((await send('list-runs', { query: { pipeline: 'youflix' } })).jsonBody).toMatchObject({
      runs: { length: 3 },
    });
  });

  test.each([
    ['limit', '0'],
    ['limit', '501'],
    ['limit', 'all'],
    ['limit', '1.5'],
    ['pipeline', 'nope'],
    ['pipeline', ''],
  ])('400 for %s=%s', async (name, value) => {
    expect(await send('list-runs', { query: { [name]: value } })).toMatchObject({ status: 400 });
  });

  test('the pipelines, each with its last run', async () => {
    const before = await send('list-pipelines');
    expect(before.jsonBody).toMatchObject({
      pipelines: [{ name: 'youflix', tables: ['plans', 'users', 'subscriptions'] }, { name: 'imdb' }, { name: 'tmdb' }],
    });
    await saveRunRecord(services.store, record('Failed'));
    expect((await send('list-pipelines')).jsonBody).toMatchObject({
      pipelines: [{ lastRun: { runId, status: 'Failed', startedAt: runInput.startedAt } }, {}, {}],
    });
  });
});

describe('cancelling', () => {
  function running(): void {
    durable.instances.set(runId, { name: 'youflix', input: runInput, status: 'Running' });
    durable.instances.set(`${runId}:plans`, { name: 'mssql-table', input: {}, status: 'Completed' });
    durable.instances.set(`${runId}:users`, { name: 'mssql-table', input: {}, status: 'Running' });
  }

  test('ends the run and what it started, and says so on record', async () => {
    running();
    await saveRunRecord(services.store, record('Running'));
    expect(await send('cancel-run', { params: { runId } })).toMatchObject({ status: 202 });
    expect([...durable.instances.values()].map(({ status }) => status)).toEqual([
      'Terminated',
      'Completed',
      'Terminated',
    ]);
    expect(await findRunRecord(services.store, 'youflix', runId)).toEqual({
      ...record('Running'),
      status: 'Cancelled',
      endedAt: '2026-01-31T13:00:00.000Z',
    });
  });

  test('also before the run is on record, so that a late record cannot show it as running', async () => {
    running();
    expect(await send('cancel-run', { params: { runId } })).toMatchObject({ status: 202 });
    expect(durable.instances.get(`${runId}:users`)?.status).toBe('Terminated');
    await saveRunRecord(services.store, record('Running'));
    expect(await findRunRecord(services.store, 'youflix', runId)).toMatchObject({ status: 'Cancelled', request });
  });

  test('409 for a run that has ended, 404 for one that never was', async () => {
    durable.instances.set(runId, { name: 'youflix', input: runInput, status: 'Completed' });
    expect(await send('cancel-run', { params: { runId } })).toMatchObject({ status: 409 });
    expect(await send('cancel-run', { params: { runId: 'youflix-other' } })).toMatchObject({ status: 404 });
  });

  test.each([`${runId}:users`, `../instances/${runId}`, `${runId}?showHistory=true`, 'imdbx-1', ''])(
    'what is no id of a run never reaches the host: %o',
    async id => {
      running();
      for (const endpoint of ['get-run', 'cancel-run'])
        expect(await send(endpoint, { params: { runId: id } })).toMatchObject({ status: 404 });
      expect(durable.requests).toEqual([]);
    },
  );
});
