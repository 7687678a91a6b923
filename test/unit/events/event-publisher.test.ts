import { inspect } from 'node:util';
import { EventGridDeserializer } from '@azure/eventgrid';
import { describe, expect, test } from 'vitest';
import { type EventTopic, eventPublisher } from '../../../shared/azure/event-publisher.ts';
import type { EventPublisher } from '../../../shared/events/lake-event.ts';
import { answering } from '../sources/tmdb/answering.ts';
import { event } from './landed.ts';

const key = Buffer.from('the key of the topic').toString('base64');

async function publisher(url: string, options: Partial<EventTopic> = {}) {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
  };
  const effects = { sleep, random: () => 0 };
  const made = await eventPublisher({ endpoint: `${url}/api/events`, key, schema: 'cloudevents', effects, ...options });
  return { slept, ...made };
}

async function failure({ publish }: EventPublisher): Promise<Error> {
  return publish(event).then(
    () => expect.unreachable('expected an error'),
    (error: Error) => error,
  );
}

describe('an event is sent', () => {
  test('as CloudEvent, with the key', async () => {
    await using topic = await answering(() => ({}));
    await (await publisher(topic.url)).publish(event);
    expect(topic.requests).toEqual(['/api/events?api-version=2018-01-01']);
    expect(topic.headers[0]).toMatchObject({
      'aeg-sas-key': key,
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
    });
    expect(JSON.parse(topic.bodies[0] ?? '')).toEqual([event]);
  });

  test('in the Event Grid schema, for a topic of that', async () => {
    await using topic = await answering(() => ({}));
    await (await publisher(topic.url, { schema: 'eventgrid' })).publish(event);
    const [sent] = JSON.parse(topic.bodies[0] ?? '') as object[];
    const { id, type, subject, time, data } = event;
    expect(sent).toEqual({ id, subject, eventType: type, eventTime: time, dataVersion: '1', data });
    // As the topic passes it on.
    const delivered = JSON.stringify([{ ...sent, topic: '/topics/youflix', metadataVersion: '1' }]);
    const [read] = await new EventGridDeserializer().deserializeEventGridEvents(delivered);
    expect(read).toMatchObject({ id, eventType: type, data });
  });
});

describe('a failure', () => {
  test.each([408, 429, 500, 503])('of status %i is repeated, not before the time the topic names', async status => {
    await using topic = await answering((_url, _response, count) =>
      count < 3 ? { status, headers: { 'retry-after': '7' } } : {},
    );
    const { publish, slept } = await publisher(topic.url);
    await publish(event);
    expect(slept).toEqual([7000, 7000]);
    expect(new Set(topic.bodies)).toHaveLength(1);
  });

  test('of the connection is repeated, and the event keeps its id', async () => {
    await using topic = await answering((_url, response, count) => {
      if (count > 1) return {};
      response.destroy();
      return undefined;
    });
    await (await publisher(topic.url)).publish(event);
    expect(topic.bodies).toHaveLength(2);
    expect(topic.bodies[1]).toBe(topic.bodies[0]);
  });

  test('that stays is told: what, where, and what came', async () => {
    await using topic = await answering(() => ({ status: 503 }));
    const error = await failure(await publisher(topic.url));
    expect(error).toMatchObject({ kind: 'transient', code: 'event-grid-503' });
    expect(error.message).toBe(`event ${event.id} to ${new URL(topic.url).host}: the topic answered 503`);
  });

  test.each<[number, string, RegExp]>([
    [401, 'config', /check EVENT_GRID_KEY/],
    [403, 'config', /check EVENT_GRID_KEY/],
    [404, 'config', /check EVENT_GRID_ENDPOINT/],
    [400, 'permanent', /does not take such an event/],
    [413, 'permanent', /does not take such an event/],
  ])('of status %i is not repeated: %s', async (status, kind, message) => {
    await using topic = await answering(() => ({ status }));
    const error = await failure(await publisher(topic.url));
    expect(error).toMatchObject({ kind, code: `event-grid-${status}` });
    expect(error.message).toMatch(message);
    expect(topic.requests).toHaveLength(1);
  });

  test('where nobody listens is transient', async () => {
    const topic = await answering(() => ({}));
    await topic[Symbol.asyncDispose]();
    expect(await failure(await publisher(topic.url))).toMatchObject({ kind: 'transient', code: 'connection' });
  });

  test('shows no key', async () => {
    await using topic = await answering(() => ({ status: 401 }));
    const error = await failure(await publisher(topic.url));
    expect(inspect(error, { depth: 10 })).not.toContain(key);
  });
});
