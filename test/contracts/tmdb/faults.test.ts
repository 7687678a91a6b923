import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import type { TmdbServer } from '../../../local/servers/tmdb/server.ts';
import * as documented from './documented-shapes.ts';
import { get, read, start } from './fixture.ts';
import { oddBodies, redirectTo, wrongBodies } from './wrong-bodies.ts';

let server: TmdbServer;
const faults = new FaultTable();
const service = 'tmdb';
const operation = 'GET /3/movie/popular?page=7';
const path = '/3/movie/popular?page=7&language=en-US';

beforeAll(async () => {
  server = await start({ faults });
});
afterEach(() => faults.clear());
afterAll(() => server.close());

const statuses = async (count: number, path: string) => {
  const found: number[] = [];
  for (let at = 0; at < count; at++) {
    const response = await get(server, path);
    await response.body?.cancel();
    found.push(response.status);
  }
  return found;
};

test('an operation is named by its method, path and page, and passed before and after its answer is made', async () => {
  const points: string[] = [];
  const stop = faults.observe(({ service, operation, phase }) => {
    points.push(`${service} ${phase} ${operation}`);
  });
  await read(server, '/3/movie/popular?language=en-US&page=2&api_key=secret');
  await read(server, '/3/configuration?api_key=secret');
  stop();
  expect(points).toEqual([
    'tmdb before GET /3/movie/popular?page=2',
    'tmdb after GET /3/movie/popular?page=2',
    'tmdb before GET /3/configuration',
    'tmdb after GET /3/configuration',
  ]);
});

test.each([
  [401, 7],
  [404, 34],
  [429, 25],
  [500, 11],
  [502, 43],
  [503, 9],
  [504, 24],
  [520, 11],
])('status %i, with the body that the service has for it', async (status, code) => {
  faults.add({ service, operation, action: { kind: 'status', status, retryAfterSeconds: 3 } });
  const before = server.stats.throttled;
  const response = await get(server, path);
  expect([response.status, response.headers.get('retry-after')]).toEqual([status, '3']);
  expect(documented.error.parse(await response.json()).status_code).toBe(code);
  expect(server.stats.throttled - before).toBe(status === 429 ? 1 : 0);
  expect(await statuses(2, path)).toEqual([200, 200]);
});

test('a delay', async () => {
  faults.add({ service, operation, action: { kind: 'delay', ms: 60 } });
  const started = performance.now();
  await read(server, path);
  expect(performance.now() - started).toBeGreaterThan(55);
});

test.each([
  ['before', undefined],
  ['after', undefined],
  ['before', 0],
  ['before', 100],
  ['after', 100],
] as const)('a connection that is cut %s, at byte %s', async (phase, afterBytes) => {
  faults.add({ service, operation, phase, action: { kind: 'reset', afterBytes } });
  await expect(get(server, path).then(response => response.text())).rejects.toThrow();
  expect(await statuses(1, path)).toEqual([200]);
});

describe('bodies', () => {
  test.each(Object.entries({ ...wrongBodies, ...oddBodies }))('%s', async (_, action) => {
    const right = await (await get(server, path)).text();
    const fault = faults.add({ service, operation, action });
    const response = await get(server, path);
    expect(response.status).toBe(200);
    expect(await response.text()).not.toBe(right);
    expect(fault.fired).toBe(1);
  });

  test.each(Object.entries(wrongBodies))('%s does not fit the documentation', async (_, action) => {
    faults.add({ service, operation, action });
    const text = await (await get(server, path)).text();
    const wanted = documented.page.refine(({ page }) => page === 7);
    expect(() => wanted.parse(JSON.parse(text))).toThrow();
  });

  test('a way to another host', async () => {
    const asked: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/3/movie/popular`;
    faults.add({ service, operation, action: redirectTo(location) });
    const response = await fetch(`${server.url}${path}`, {
      redirect: 'manual',
      headers: { authorization: 'Bearer a-read-access-token' },
    });
    expect([response.status, response.headers.get('location')]).toEqual([302, location]);
    expect(asked).toEqual([]);
    other.close();
  });
});

test('a token that expires after some requests', async () => {
  faults.add({ service, operation: '*', action: { kind: 'status', status: 401 }, skip: 3, times: Infinity });
  expect(await statuses(5, '/3/movie/popular')).toEqual([200, 200, 200, 401, 401]);
});

test('a storm: a share of the answers, the same ones every time', async () => {
  const storm = async () => {
    faults.clear();
    const action = { kind: 'status', status: 429, retryAfterSeconds: 1 } as const;
    faults.add({ service, operation: 'GET *', action, times: Infinity, share: 0.3 });
    return statuses(300, '/3/configuration');
  };
  const first = await storm();
  const refused = first.filter(status => status === 429).length;
  expect(refused).toBeGreaterThan(60);
  expect(refused).toBeLessThan(120);
  expect(await storm()).toEqual(first);
});

describe('a list that moves while it is read', () => {
  const pageOf = async (path: string) => documented.page.parse(await read(server, path));

  test('has fewer pages than it said', async () => {
    const { total_pages } = await pageOf('/3/movie/top_rated');
    server.edit('top_rated', movies => movies.slice(0, 50));
    expect(await pageOf('/3/movie/top_rated?page=3')).toMatchObject({ total_pages: 3, total_results: 50 });
    expect(await pageOf(`/3/movie/top_rated?page=${total_pages}`)).toMatchObject({ results: [] });
    server.edit('top_rated', () => []);
    expect(await pageOf('/3/movie/top_rated')).toMatchObject({ results: [], total_pages: 1, total_results: 0 });
  });

  test('has a movie on two pages', async () => {
    const first = await pageOf('/3/movie/popular');
    server.edit('popular', movies => [...movies.slice(-1), ...movies.slice(0, -1)]);
    const second = await pageOf('/3/movie/popular?page=2');
    expect(second.results[0]).toEqual(first.results.at(-1));
    expect(second.total_results).toBe(first.total_results);
  });
});
