import { app, type EventGridEvent, type EventGridFunctionOptions, InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerEventGridTmdbListLanded } from '../../../functions/triggers/eventgrid-tmdb-list-landed.ts';
import { listLandedEvent } from '../../../shared/events/list-landed.ts';
import { landed } from '../events/landed.ts';
import { type DurableApi, type Instance, startDurableApi } from './durable-api.ts';
import { testServices } from './test-services.ts';

const landedAt = '2026-01-31T12:00:01.000Z';
/** `testServices` has the clock of the same moment. */
const event = { ...listLandedEvent({ ...landed, landedAt }), sentat: '2026-01-31T12:00:00.000Z' };
const logged: string[] = [];
let registered: EventGridFunctionOptions;
let durable: DurableApi;

beforeEach(async () => {
  logged.length = 0;
  // Outside a host a registration goes nowhere; here it is kept, so that the handler can be called as the host would.
  vi.spyOn(app, 'eventGrid').mockImplementation((_name, options) => {
    registered = options as EventGridFunctionOptions;
  });
  durable = await startDurableApi();
  registerEventGridTmdbListLanded(testServices());
});

afterEach(async () => {
  vi.restoreAllMocks();
  await durable.close();
});

async function deliver(delivered: object): Promise<void> {
  const { handler, extraInputs = [] } = registered;
  const context = new InvocationContext({
    functionName: 'tmdb-list-landed',
    options: { extraInputs } as unknown as InvocationContext['options'],
    logHandler: (level, ...args) => logged.push(`${level}: ${args.join(' ')}`),
  });
  for (const input of extraInputs) context.extraInputs.set(input, durable.binding);
  // The SDK's type knows one of the two schemas that arrive.
  await handler(delivered as EventGridEvent, context);
}

function onlyInstance(): [string, Instance] {
  const [found] = durable.instances;
  if (found === undefined || durable.instances.size > 1) throw new Error(`${durable.instances.size} instances`);
  return found;
}

test('an event starts the transform of what it speaks of', async () => {
  await deliver(event);
  const [id, started] = onlyInstance();
  expect(id).toMatch(/^tmdb-20260131T120001000Z-[0-9a-f]{12}$/);
  expect(started).toMatchObject({
    name: 'tmdb-transform',
    input: { request: { pipeline: 'tmdb', tables: [landed.list] }, landed: event.data, sentat: event.sentat },
  });
});

test('the Event Grid schema does as well', async () => {
  const { id, type, subject, data } = event;
  const topic = '/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/youflix-lake';
  await deliver({
    id,
    topic,
    subject,
    eventType: type,
    eventTime: event.sentat,
    dataVersion: '1',
    metadataVersion: '1',
    data,
  });
  expect(durable.instances.size).toBe(1);
});

test('delivered again and again it is one transform', async () => {
  for (let time = 0; time < 5; time++) await deliver(event);
  expect(durable.requests.filter(request => request.startsWith('POST'))).toHaveLength(1);
});

test('a transform that failed is started again by the next delivery', async () => {
  await deliver(event);
  const [id, started] = onlyInstance();
  durable.instances.set(id, { ...started, status: 'Failed' });
  await deliver(event);
  expect(durable.requests.filter(request => request.startsWith('POST'))).toHaveLength(2);
});

test('sent again after it was done, it is done again', async () => {
  // The double of the durable API says of every instance that it ended at noon, in whole seconds as the service does.
  await deliver({ ...event, sentat: '2026-01-31T12:00:00.500Z' });
  const [id, started] = onlyInstance();
  durable.instances.set(id, { ...started, status: 'Completed' });
  await deliver({ ...event, sentat: '2026-01-31T12:00:00.500Z' });
  expect(durable.requests.filter(request => request.startsWith('POST'))).toHaveLength(1);
  await deliver({ ...event, sentat: '2026-01-31T12:00:00.501Z' });
  expect(durable.requests.filter(request => request.startsWith('POST'))).toHaveLength(2);
});

test.each([
  ['played back two days later', '2026-01-29T12:00:00.000Z'],
  ['from the future', '2026-01-31T13:00:00.000Z'],
])('an event %s starts nothing', async (_, sentat) => {
  await deliver({ ...event, sentat });
  expect(durable.instances.size).toBe(0);
  expect(logged.join('\n')).toContain('error: event refused');
});

test.each([
  ['no event', {}],
  ['another type', { ...event, type: 'youflix.tmdb.list-landed.v2' }],
  ['a folder that is not its own', { ...event, data: { ...event.data, path: 'bronze/tmdb/other' } }],
  ['a hash that is none', { ...event, data: { ...event.data, contentHash: 'x' } }],
])('%s: acknowledged, on record in the log, and nothing is started', async (_, delivered) => {
  await deliver(delivered);
  expect(durable.instances.size).toBe(0);
  expect(logged.join('\n')).toContain('error: event refused');
});
