import { app, HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerHttpRepublications } from '../../../functions/triggers/http-republications.ts';
import type { LakeEvent } from '../../../shared/events/lake-event.ts';
import { publishPending, queueEvent } from '../../../shared/events/outbox.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { testServices } from './test-services.ts';

type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

const clock = { now: () => Date.UTC(2026, 1, 3) };
let handler: Handler;
let store: LakeStore;
let sent: LakeEvent[];

beforeEach(async () => {
  // Outside a host a registration goes nowhere; here it is kept, so that the handler can be called as the host would.
  vi.spyOn(app, 'http').mockImplementation((_name, options) => {
    handler = options.handler as Handler;
  });
  store = memoryStore();
  sent = [];
  const publisher = { publish: async (event: LakeEvent) => void sent.push(event) };
  registerHttpRepublications(testServices({ store, clock, events: async () => publisher }));
  for (const [list, date] of [
    ['popular', '2026-01-30'],
    ['popular', '2026-01-31'],
    ['upcoming', '2026-01-31'],
  ] as const)
    await queueEvent(store, 'tmdb', event(list, date));
  await publishPending(store, 'tmdb', publisher, clock);
  sent = [];
});

afterEach(() => vi.restoreAllMocks());

function event(list: string, date: string): LakeEvent {
  return {
    specversion: '1.0',
    id: `run-${date}.${list}`,
    type: 'youflix.tmdb.list-landed.v1',
    source: '/youflix/lake',
    subject: `tmdb/lists/${list}/${date}`,
    time: `${date}T12:00:00.000Z`,
    datacontenttype: 'application/json',
    data: { list, date },
  };
}

async function post(body: unknown): Promise<HttpResponseInit> {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost/api/events/republications',
    body: { string: JSON.stringify(body) },
  });
  return handler(request, new InvocationContext({ functionName: 'republish-events', logHandler: () => undefined }));
}

test.each([
  [{}, 3],
  [{ lists: ['popular'] }, 2],
  [{ from: '2026-01-31' }, 2],
  [{ to: '2026-01-30' }, 1],
  [{ lists: ['popular'], from: '2026-01-31', to: '2026-01-31' }, 1],
  [{ lists: ['top_rated'] }, 0],
])('%j: %d events go out again, under their ids', async (filter, expected) => {
  const answer = await post({ pipeline: 'tmdb', ...filter });
  expect(sent).toHaveLength(expected);
  expect(answer.jsonBody).toMatchObject({ republished: { length: expected }, published: { length: expected } });
  expect(new Set(sent.map(({ id }) => id)).size).toBe(expected);
});

test('400 lists every problem, and nothing is sent', async () => {
  const answer = await post({ pipeline: 'imdb', lists: [], from: 'yesterday', when: 1 });
  expect(answer.status).toBe(400);
  expect((answer.jsonBody as { problems: string[] }).problems).toHaveLength(4);
  expect(sent).toEqual([]);
});

test.each([
  [{ lists: ['populer'] }, /^lists\.0: expected one of popular/],
  [{ from: '2026-02-01', to: '2026-01-31' }, /^from: must not lie after to/],
])('400 for %j', async (filter, problem) => {
  const answer = await post({ pipeline: 'tmdb', ...filter });
  expect(answer.status).toBe(400);
  expect((answer.jsonBody as { problems: string[] }).problems).toEqual([expect.stringMatching(problem)]);
});
