/** From the outbox through the vendor's SDK and the Event Grid stand-in to a subscriber, and back into an event. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import { startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';
import { eventPublisher } from '../../../shared/azure/event-publisher.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { EventPublisher } from '../../../shared/events/lake-event.ts';
import { listLandedType } from '../../../shared/events/list-landed.ts';
import { pendingEvents, publishPending, queueEvent } from '../../../shared/events/outbox.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import { event, eventsOf } from '../../unit/events/landed.ts';
import { type AnsweringServer, answering } from '../../unit/sources/tmdb/answering.ts';

const topic = 'youflix-lake';
const key = Buffer.from('the key of the topic').toString('base64');
const schemas = ['cloudevents', 'eventgrid'] as const;

interface Grid extends AsyncDisposable {
  readonly subscriber: AnsweringServer;
  publisher(schema: (typeof schemas)[number], key?: string): Promise<EventPublisher>;
  /** The events that came to the subscriber once there are so many. */
  delivered(count: number): Promise<readonly unknown[]>;
}

async function grid(schema: (typeof schemas)[number], faults = new FaultTable()): Promise<Grid> {
  const folder = await mkdtemp(join(tmpdir(), 'tmdb-events-'));
  const subscriber = await answering(() => ({}));
  const service = await startEventGrid({
    folder,
    topics: [{ name: topic, keys: [key], schema }],
    subscriptions: [{ name: 'lake', webhookUrl: subscriber.url, topic, includedEventTypes: [listLandedType] }],
    faults,
    timeScale: 0.001,
  });
  const effects = { sleep: async () => undefined };
  return {
    subscriber,
    publisher: (ofClient, given = key) =>
      eventPublisher({ endpoint: `${service.url}/topics/${topic}/api/events`, key: given, schema: ofClient, effects }),
    async delivered(count) {
      while (subscriber.bodies.length < count) await new Promise(resolve => setTimeout(resolve, 5));
      // The Event Grid schema comes as an array of one, a CloudEvent alone.
      return subscriber.bodies.map(body => [JSON.parse(body) as unknown].flat()[0]);
    },
    async [Symbol.asyncDispose]() {
      await service.close();
      await subscriber[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

describe.each(schemas)('a topic of the schema %s', schema => {
  test('takes what the outbox sends, and what it delivers is the event that was queued', async () => {
    await using made = await grid(schema);
    const store = memoryStore();
    const events = eventsOf(1, 2, 3);
    for (const one of events) await queueEvent(store, 'tmdb', one);
    const { published } = await publishPending(store, 'tmdb', await made.publisher(schema), systemClock);
    expect(published).toEqual(events.map(({ id }) => id));
    const delivered = (await made.delivered(3)).map(parseEvent).sort((a, b) => (a.id < b.id ? -1 : 1));
    // Azure's schema has the topic in place of the source.
    expect(delivered.map(({ source, sentat, ...rest }) => rest)).toEqual(events.map(({ source, ...rest }) => rest));
    for (const { sentat, time } of delivered) expect(sentat > time).toBe(true);
    expect(delivered[0]?.source).toMatch(schema === 'cloudevents' ? /^\/youflix\/lake$/ : /\/topics\/youflix-lake$/);
  });

  test('whose answer is lost gets the event again, with the same id', async () => {
    const faults = new FaultTable();
    const row = faults.add({
      service: 'event-grid',
      operation: 'PUBLISH *',
      phase: 'after',
      action: { kind: 'reset' },
    });
    await using made = await grid(schema, faults);
    const store = memoryStore();
    await queueEvent(store, 'tmdb', event);
    await publishPending(store, 'tmdb', await made.publisher(schema), systemClock);
    const ids = (await made.delivered(2)).map(one => parseEvent(one).id);
    expect(row.fired).toBe(1);
    expect(ids).toEqual([event.id, event.id]);
    expect(await pendingEvents(store, 'tmdb')).toEqual([]);
  });

  test('refuses a wrong key: the error names the setting, and the event stays pending', async () => {
    await using made = await grid(schema);
    const store = memoryStore();
    await queueEvent(store, 'tmdb', event);
    const wrong = Buffer.from('another key').toString('base64');
    const publishing = publishPending(store, 'tmdb', await made.publisher(schema, wrong), systemClock);
    await expect(publishing).rejects.toMatchObject({ kind: 'config', code: 'event-grid-401' });
    await expect(publishing).rejects.toThrow(/EVENT_GRID_KEY/);
    expect(await pendingEvents(store, 'tmdb')).toEqual([event]);
  });

  test('refuses events of the other schema: that one is reported, and nothing is delivered', async () => {
    await using made = await grid(schema);
    const store = memoryStore();
    await queueEvent(store, 'tmdb', event);
    const other = schema === 'cloudevents' ? 'eventgrid' : 'cloudevents';
    const report = await publishPending(store, 'tmdb', await made.publisher(other), systemClock);
    expect(report).toMatchObject({ published: [], refused: [{ id: event.id, code: 'event-grid-400' }] });
    expect(made.subscriber.requests).toEqual([]);
  });
});
