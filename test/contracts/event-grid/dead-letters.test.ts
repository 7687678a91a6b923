import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type EventGrid, startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';
import type { EventSubscription } from '../../../local/servers/event-grid/subscription.ts';
import { cloudEvents, folder, grid, gridEvents, hooked, landed, stopLast } from './fixture.ts';

const event = { id: 'a', subject: 's', eventType: 't', dataVersion: '1', data: { list: 'popular' } };

/** Publishes one event to a webhook that answers this status, and waits until it is given up. */
async function giveUp(
  topic: 'cloudevents' | 'eventgrid',
  status: number,
  about: Partial<EventSubscription> = {},
): Promise<{ readonly line: string; readonly attempts: number }> {
  const hook = await hooked(() => status);
  const end = Promise.withResolvers<string>();
  const subscription = { name: 'landed', topic, webhookUrl: hook.url, deadLetter: true, ...about };
  const server: EventGrid = await grid([subscription], {
    deadLetterFolder: join(folder, 'dead-letters'),
    log: line => line.includes('given up') && end.resolve(line),
  });
  await (topic === 'cloudevents' ? cloudEvents(server).send([landed('a')]) : gridEvents(server).send([event]));
  return { line: await end.promise, attempts: hook.got.length };
}

/** The files below the folder, and what is in them. */
function deadLetters(): { readonly path: string; readonly events: Record<string, unknown>[] }[] {
  const root = join(folder, 'dead-letters');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { path: path.slice(root.length + 1), events: JSON.parse(readFileSync(path, 'utf8')) };
  });
}

test('an event that was refused for good is kept with what became of it', async () => {
  const { line, attempts } = await giveUp('eventgrid', 400);
  const [letter] = deadLetters();
  const now = new Date();
  const day = `${now.getUTCFullYear()}/${now.getUTCMonth() + 1}/${now.getUTCDate()}`;
  expect(letter?.path).toMatch(new RegExp(`^EVENTGRID/LANDED/${day}/\\d{1,2}/[\\da-f-]{36}\\.json$`));
  expect(line).toBe(`landed s, attempt 1: 400; given up, kept in ${letter?.path}`);
  expect(attempts).toBe(1);
  expect(letter?.events).toEqual([
    {
      ...event,
      topic: expect.stringMatching(/\/topics\/eventgrid$/),
      eventTime: expect.any(String),
      metadataVersion: '1',
      deadLetterReason: 'UndeliverableDueToHttpBadRequest',
      deliveryAttempts: 1,
      lastDeliveryOutcome: 'BadRequest',
      lastHttpStatusCode: 400,
      publishTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      lastDeliveryAttemptTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
  ]);
});

test('what is said of a CloudEvent has names without capitals', async () => {
  const { attempts } = await giveUp('cloudevents', 404, { maxDeliveryAttempts: 3 });
  expect(attempts).toBe(3);
  expect(deadLetters()[0]?.events).toMatchObject([
    {
      ...landed('a'),
      deadletterreason: 'MaxDeliveryAttemptsExceeded',
      deliveryattempts: 3,
      lastdeliveryoutcome: 'NotFound',
      lasthttpstatuscode: 404,
    },
  ]);
});

test.each([
  [413, 'PayloadTooLarge'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
])('%i is not tried again', async (status, name) => {
  const { attempts } = await giveUp('eventgrid', status);
  expect(attempts).toBe(1);
  const reason = `UndeliverableDueToHttp${name}`;
  expect(deadLetters()[0]?.events).toMatchObject([{ deadLetterReason: reason, lastDeliveryOutcome: name }]);
});

test('an event that is too old for another attempt has lived long enough', async () => {
  // Attempts are due after 0 s, 10 s and 40 s; the next would be after 100 s.
  const { attempts } = await giveUp('eventgrid', 500, { eventTimeToLiveInMinutes: 1 });
  expect(attempts).toBe(3);
  expect(deadLetters()[0]?.events).toMatchObject([{ deadLetterReason: 'TimeToLiveExceeded', deliveryAttempts: 3 }]);
});

test('an event that goes out as a CloudEvent is kept as one', async () => {
  await giveUp('eventgrid', 400, { deliverySchema: 'cloudevents' });
  expect(deadLetters()[0]?.events).toMatchObject([{ specversion: '1.0', type: 't', deliveryattempts: 1 }]);
});

test('without dead letters the event is dropped', async () => {
  const { line } = await giveUp('eventgrid', 400, { deadLetter: false });
  expect(line).toBe('landed s, attempt 1: 400; given up');
  await stopLast();
  const again = await hooked();
  const server = await grid([{ name: 'landed', topic: 'eventgrid', webhookUrl: again.url }]);
  await gridEvents(server).send([{ ...event, id: 'b' }]);
  expect((await again.received(1))[0]?.events[0]?.id).toBe('b');
});

test('a dead letter that cannot be written keeps the event in the log', async () => {
  const hook = await hooked(() => 400);
  const root = join(folder, 'dead-letters');
  writeFileSync(root, 'a file where a folder should be');
  const failed = Promise.withResolvers<string>();
  const subscription = { name: 'landed', topic: 'eventgrid', webhookUrl: hook.url, deadLetter: true };
  const log = (line: string): void => void (line.includes('cannot keep') && failed.resolve(line));
  const server = await grid([subscription], { deadLetterFolder: root, log });
  await gridEvents(server).send([event]);
  expect(await failed.promise).toMatch(/attempt 1: 400; cannot keep the dead letter: Error: E/);
  await stopLast();
  const again = await hooked();
  await grid([{ ...subscription, webhookUrl: again.url }], { deadLetterFolder: root });
  expect((await again.received(1))[0]?.events[0]?.id).toBe('a');
});

describe('what a start refuses', () => {
  const subscription = { name: 'landed', topic: 'cloudevents', webhookUrl: 'http://127.0.0.1:9/' };

  test.each<[string, EventSubscription[], RegExp]>([
    ['dead letters without a folder', [{ ...subscription, deadLetter: true }], /landed: deadLetter needs a folder/],
    ['two of one name', [subscription, subscription], /landed: there is another one of this name/],
    ['an address that is none', [{ ...subscription, webhookUrl: 'localhost:7071' }], /'localhost:7071' is no http or/],
    ['CloudEvents in the other schema', [{ ...subscription, deliverySchema: 'eventgrid' }], /takes CloudEvents, which/],
  ])('%s', async (_what, subscriptions, message) => {
    await expect(grid(subscriptions)).rejects.toThrow(message);
  });

  test('a subscriptions file that is not there', async () => {
    const subscriptionsFile = join(folder, 'none.json');
    const started = startEventGrid({ folder, subscriptions: [], subscriptionsFile });
    await expect(started).rejects.toThrow(/subscriptions in .*none\.json: expected a file with JSON/);
  });
});
