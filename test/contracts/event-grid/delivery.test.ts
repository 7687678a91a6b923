import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type EventGrid, type EventGridOptions, startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';
import type { EventSubscription } from '../../../local/servers/event-grid/subscription.ts';
import * as fixture from './fixture.ts';
import { faults, folder, landed, stopLast } from './fixture.ts';
import { makeEvent, type Webhook, type webhook } from './webhook.ts';

const service = 'event-grid';
let hook: Webhook;

async function hooked(...answer: Parameters<typeof webhook>): Promise<Webhook> {
  hook = await fixture.hooked(...answer);
  return hook;
}

/** With one subscription to the events of a storage account. */
function grid(
  subscription: Partial<EventSubscription> = {},
  options: Partial<EventGridOptions> = {},
): Promise<EventGrid> {
  return fixture.grid([{ name: 'imdb-landed', topic: 'drop', webhookUrl: hook.url, ...subscription }], options);
}

/** Lines of a log, until so many have come. */
function lines(count: number): { add(line: string): void; readonly all: Promise<readonly string[]> } {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const got: string[] = [];
  const add = (line: string): void => {
    got.push(line);
    if (got.length === count) resolve(got);
  };
  return { add, all: promise };
}

const ids = () => hook.got.flatMap(({ events }) => events.map(({ id }) => id));

test('an event comes as an array of one, with the headers of the service', async () => {
  await hooked();
  const event = makeEvent('title.basics.tsv.gz');
  (await grid()).publish(event);
  const [notification] = await hook.received(1);
  expect(notification?.events).toEqual([event]);
  expect(notification?.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'Notification',
    'aeg-subscription-name': 'IMDB-LANDED',
    'aeg-delivery-count': '0',
    'aeg-data-version': '',
    'aeg-metadata-version': '1',
  });
});

test.each<[string, Partial<EventSubscription>, boolean]>([
  ['of all types', {}, true],
  ['of its type, in whatever case', { includedEventTypes: ['MICROSOFT.storage.BlobCreated'] }, true],
  ['of another type', { includedEventTypes: ['Microsoft.Storage.BlobDeleted'] }, false],
  ['of its topic, in full', { topic: makeEvent('').topic }, true],
  ['of another topic with the same end', { topic: 'rop' }, false],
  ['whose subject begins so', { subjectBeginsWith: '/blobServices/default/containers/IMDB/' }, true],
  ['whose subject begins otherwise', { subjectBeginsWith: '/blobServices/default/containers/tmdb/' }, false],
  ['whose subject ends so', { subjectEndsWith: '.GZ' }, true],
  ['whose subject ends otherwise', { subjectEndsWith: '.zip' }, false],
  ['where case counts', { subjectEndsWith: '.GZ', isSubjectCaseSensitive: true }, false],
])('a subscription to events %s', async (_what, filter, isDelivered) => {
  await hooked();
  const server = await grid(filter);
  server.publish(makeEvent('a.gz'));
  // One that every subscription lets through comes after it.
  const all = { ...filter, includedEventTypes: [], subjectBeginsWith: '', subjectEndsWith: '' };
  (await grid(all, { folder: join(folder, 'all') })).publish(makeEvent('last', { topic: filter.topic ?? 'drop' }));
  await hook.received(isDelivered ? 2 : 1);
  expect(ids().sort()).toEqual(isDelivered ? ['a.gz', 'last'] : ['last']);
});

test('a subscription from a file: filters on the data, and headers of its own', async () => {
  await hooked();
  const subscriptionsFile = join(folder, 'subscriptions.json');
  const fromFile: EventSubscription = {
    name: 'from-file',
    topic: 'cloudevents',
    webhookUrl: hook.url,
    advancedFilters: [{ operatorType: 'StringIn', key: 'data.list', values: ['popular', 'upcoming'] }],
    deliveryHeaders: [
      { name: 'X-From', value: 'the lake' },
      { name: 'X-List', sourceField: 'data.list' },
      { name: 'X-Pages', sourceField: 'data.pages' },
      { name: 'X-Data', sourceField: 'data' },
      { name: 'X-Title', sourceField: 'data.title' },
      { name: 'aeg-delivery-count', value: '7' },
    ],
  };
  // The file itself would not be taken with a header of the service in it.
  const deliveryHeaders = fromFile.deliveryHeaders?.filter(({ name }) => !name.startsWith('aeg-'));
  writeFileSync(subscriptionsFile, JSON.stringify([{ ...fromFile, deliveryHeaders }]));
  const server = await fixture.grid([{ ...fromFile, name: 'from-options' }], { subscriptionsFile });
  const events = ['popular', 'top_rated', 'upcoming'].map(list => landed(list, { list, pages: 3, title: '東京' }));
  await fixture.cloudEvents(server).send(events);
  const got = await hook.received(4);
  expect(ids().sort()).toEqual(['popular', 'popular', 'upcoming', 'upcoming']);
  for (const { headers, events } of got) {
    expect(headers).toMatchObject({ 'x-from': 'the lake', 'x-list': events[0]?.id, 'x-pages': '3' });
    expect(headers).toMatchObject({ 'aeg-delivery-count': '0' });
    expect(Object.keys(headers)).not.toContain('x-data');
    expect(Object.keys(headers)).not.toContain('x-title');
  }
});

describe('at least once', () => {
  test.each([500, 503, 404, 429, 302])('a webhook that answers %i gets the event again, counted', async status => {
    await hooked((_notification, got) => (got.length < 4 ? status : 200));
    (await grid({}, { timeScale: 0.000_001 })).publish(makeEvent('a'));
    const got = await hook.received(4);
    expect(got.map(({ headers }) => headers['aeg-delivery-count'])).toEqual(['0', '1', '2', '3']);
    expect(new Set(ids())).toEqual(new Set(['a']));
  });

  test.each([400, 401, 403, 413])('a webhook that answers %i gets it no more', async status => {
    await hooked(() => status);
    const attempts = lines(2);
    const server = await grid({}, { log: attempts.add });
    server.publish(makeEvent('a'));
    server.publish(makeEvent('b'));
    const subject = '/blobServices/default/containers/imdb/blobs';
    const expected = ['a', 'b'].map(name => `imdb-landed ${subject}/${name}, attempt 1: ${status}; given up`);
    expect((await attempts.all).toSorted()).toEqual(expected);
    await stopLast();
    (await grid()).publish(makeEvent('c'));
    await hook.received(3);
    expect(ids().sort()).toEqual(['a', 'b', 'c']);
  });

  test('a webhook that is down gets it when it is up', async () => {
    await hooked();
    const { port } = new URL(hook.url);
    await stopLast();
    const attempts = lines(2);
    (await grid({}, { log: attempts.add })).publish(makeEvent('a'));
    const [first] = await attempts.all;
    await hooked(() => 200, Number(port));
    await hook.received(1);
    expect(first).toMatch(/\/blobs\/a, attempt 1: connect ECONNREFUSED/);
  });

  test('events that are not delivered outlive a stop; those that are do not come again', async () => {
    await hooked(({ events }) => (events[0]?.id === 'taken' ? 200 : 500));
    const attempts = lines(3);
    const server = await grid({}, { timeScale: 1, log: attempts.add });
    for (const name of ['taken', 'kept', 'waiting']) server.publish(makeEvent(name));
    await attempts.all;
    await stopLast();
    await stopLast();
    await hooked();
    await grid();
    await hook.received(2);
    expect(hook.got.map(({ headers, events }) => [events[0]?.id, headers['aeg-delivery-count']]).sort()).toEqual([
      ['kept', '1'],
      ['waiting', '1'],
    ]);
  });

  test('a published event outlives a kill', async () => {
    await hooked();
    // Port 9 takes nothing: none of them can have been delivered before the kill.
    const script = join(import.meta.dirname, 'publish-until-killed.ts');
    const { signal } = spawnSync(process.execPath, [script, folder, 'http://127.0.0.1:9/', '50']);
    expect(signal).toBe('SIGKILL');
    await grid();
    await hook.received(50);
    expect(ids().sort()).toEqual(Array.from({ length: 50 }, (_, at) => String(at)).sort());
  });

  test('what a topic has taken outlives a kill', async () => {
    await hooked();
    const script = join(import.meta.dirname, 'serve-until-killed.ts');
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = await once(child.stdout, 'data');
    const publisher = fixture.cloudEvents({ url: String(url) });
    await publisher.send(Array.from({ length: 50 }, (_, at) => landed(String(at))));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await grid({ topic: 'cloudevents' });
    await hook.received(50);
    expect(new Set(ids()).size).toBe(50);
  });

  test('what is left of a subscription that is gone is forgotten', async () => {
    await hooked(() => 500);
    (await grid({ name: 'ended' }, { timeScale: 1 })).publish(makeEvent('a'));
    await hook.received(1);
    await stopLast();
    (await grid({ name: 'other' })).publish(makeEvent('b'));
    await hook.received(2);
    await stopLast();
    (await grid({ name: 'ended' })).publish(makeEvent('c'));
    await hook.received(3);
    expect(ids()).toEqual(['a', 'b', 'c']);
  });

  test('of thousands of events, a third of them refused at first, each comes', async () => {
    const isRefused = (id = '', count: unknown): boolean => count === '0' && Number(id) % 3 === 0;
    await hooked(({ events, headers }) => (isRefused(events[0]?.id, headers['aeg-delivery-count']) ? 503 : 202));
    const server = await grid();
    for (let at = 0; at < 1500; at++) server.publish(makeEvent(String(at)));
    await hook.received(2000);
    expect(new Set(ids()).size).toBe(1500);
  });
});

describe('many at a time', () => {
  test('a webhook has sixteen to answer, not more', async () => {
    await hooked(() => undefined);
    const server = await grid();
    for (let at = 0; at < 40; at++) server.publish(makeEvent(String(at)));
    await hook.received(16);
    await sleep(30);
    expect(hook.got).toHaveLength(16);
  });

  test('connections are kept', async () => {
    await hooked();
    const server = await grid();
    for (let at = 0; at < 200; at++) server.publish(makeEvent(String(at)));
    const got = await hook.received(200);
    expect(new Set(got.map(({ port }) => port)).size).toBeLessThanOrEqual(16);
  });

  test('a subscriber that does not answer holds up none of the others', async () => {
    const silent = await fixture.hooked(() => undefined);
    await hooked();
    const subscriptions = [silent, hook].map(({ url }, at) => ({ name: `s-${at}`, topic: 'drop', webhookUrl: url }));
    const server = await fixture.grid(subscriptions);
    for (let at = 0; at < 100; at++) server.publish(makeEvent(String(at)));
    await hook.received(100);
    expect(silent.got.length).toBeLessThanOrEqual(16);
  });
});

describe('faults', () => {
  test('a lost answer: the same event five times', async () => {
    await hooked();
    const action = { kind: 'reset' } as const;
    const lost = faults.add({ service, operation: 'DELIVER imdb-landed */a', phase: 'after', action, times: 4 });
    (await grid()).publish(makeEvent('a'));
    await hook.received(5);
    await sleep(20);
    expect(ids()).toEqual(['a', 'a', 'a', 'a', 'a']);
    expect(lost.fired).toBe(4);
  });

  test('a delay: a later event overtakes', async () => {
    await hooked();
    faults.add({ service, operation: 'DELIVER * */first', action: { kind: 'delay', ms: 40 } });
    const server = await grid();
    server.publish(makeEvent('first'));
    server.publish(makeEvent('second'));
    await hook.received(2);
    expect(ids()).toEqual(['second', 'first']);
  });

  test('a status before the effect: the webhook hears nothing until the next attempt', async () => {
    await hooked();
    faults.add({ service, operation: 'DELIVER *', action: { kind: 'status', status: 503 } });
    (await grid()).publish(makeEvent('a'));
    const [notification] = await hook.received(1);
    expect(notification?.headers['aeg-delivery-count']).toBe('1');
  });
});

describe('closing', () => {
  test('waits neither for retries nor for a webhook that does not answer', async () => {
    await hooked(() => undefined);
    const server = await grid({}, { timeScale: 1 });
    faults.add({ service, operation: 'DELIVER * */late', action: { kind: 'delay', ms: 60_000 } });
    faults.add({ service, operation: 'DELIVER * */again', action: { kind: 'reset' } });
    for (const name of ['silent', 'late', 'again']) server.publish(makeEvent(name));
    await hook.received(1);
    const started = performance.now();
    await stopLast();
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('a folder in use is refused', async () => {
    await hooked();
    await grid();
    await expect(startEventGrid({ folder, subscriptions: [] })).rejects.toThrow(/is another copy running/);
  });
});
