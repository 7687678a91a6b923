import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outboxPath } from '../../../shared/catalog/lake-paths.ts';
import { ConfigError, PermanentError, TransientError } from '../../../shared/errors.ts';
import type { EventPublisher, LakeEvent } from '../../../shared/events/lake-event.ts';
import {
  type OutboxEntry,
  pendingEvents,
  publishPending,
  queueEvent,
  republish,
} from '../../../shared/events/outbox.ts';
import { loadDocument } from '../../../shared/storage/json-document.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { event, eventsOf } from './landed.ts';

const clock = { now: () => Date.parse('2026-01-31T06:00:06.000Z') };

/** Takes events, and fails first where a test says so; `sent` is what subscribers would get. */
function topic(failure: (event: LakeEvent, call: number) => Error | undefined = () => undefined) {
  const sent: string[] = [];
  let calls = 0;
  const publisher: EventPublisher = {
    async publish({ id, ...rest }) {
      calls += 1;
      const error = failure({ id, ...rest }, calls);
      if (error !== undefined) throw error;
      sent.push(id);
    },
  };
  return { sent, publisher };
}

async function queued(store: LakeStore, ...events: readonly LakeEvent[]): Promise<void> {
  for (const one of events) await queueEvent(store, 'tmdb', one);
}

async function entry(store: LakeStore, id: string): Promise<OutboxEntry | undefined> {
  return (await loadDocument<OutboxEntry>(store, outboxPath('tmdb', id)))?.value;
}

async function pendingIds(store: LakeStore): Promise<readonly string[]> {
  return (await pendingEvents(store, 'tmdb')).map(({ id }) => id);
}

const publish = (store: LakeStore, publisher: EventPublisher) => publishPending(store, 'tmdb', publisher, clock);

describe('an event in the outbox', () => {
  test('is pending until it was sent, and on record after that', async () => {
    const store = memoryStore();
    expect(await queueEvent(store, 'tmdb', event)).toEqual({ path: `control/outbox/tmdb/${event.id}.json` });
    expect(await pendingEvents(store, 'tmdb')).toEqual([event]);
    const { sent, publisher } = topic();
    expect(await publish(store, publisher)).toEqual({ published: [event.id], refused: [] });
    expect(sent).toEqual([event.id]);
    expect(await pendingEvents(store, 'tmdb')).toEqual([]);
    expect(await entry(store, event.id)).toEqual({
      event,
      status: 'published',
      publishedAt: '2026-01-31T06:00:06.000Z',
    });
  });

  test('is put there once: the step that is repeated after it was sent does not send it again', async () => {
    const store = memoryStore();
    const { sent, publisher } = topic();
    await queued(store, event, event);
    await publish(store, publisher);
    await queued(store, event);
    expect(await publish(store, publisher)).toEqual({ published: [], refused: [] });
    expect(sent).toEqual([event.id]);
  });

  test('of one pipeline is nothing to another', async () => {
    const store = memoryStore();
    await queued(store, event);
    expect(await pendingEvents(store, 'other')).toEqual([]);
  });

  test('is sent in the order of the runs', async () => {
    const store = memoryStore();
    const [one, two, three] = eventsOf(1, 2, 3);
    await queued(store, three as LakeEvent, one as LakeEvent, two as LakeEvent);
    const { sent, publisher } = topic();
    await publish(store, publisher);
    expect(sent).toEqual([one?.id, two?.id, three?.id]);
  });
});

describe('what goes wrong', () => {
  test('a crash between queue and send: the next run sends it', async () => {
    const store = memoryStore();
    const dying = topic(() => new Error('killed'));
    await queued(store, event);
    await expect(publish(store, dying.publisher)).rejects.toThrow('killed');
    const { sent, publisher } = topic();
    await publish(store, publisher);
    expect(sent).toEqual([event.id]);
  });

  test('an answer that is lost after the event was taken: it is sent again under the same id', async () => {
    const store = memoryStore();
    const taken: string[] = [];
    const deaf: EventPublisher = {
      async publish({ id }) {
        taken.push(id);
        if (taken.length === 1) throw new TransientError('no answer');
      },
    };
    await queued(store, event);
    await expect(publish(store, deaf)).rejects.toThrow(TransientError);
    await publish(store, deaf);
    expect(taken).toEqual([event.id, event.id]);
    expect(await pendingIds(store)).toEqual([]);
  });

  test('a crash between send and mark: likewise', async () => {
    const store = memoryStore();
    const { sent, publisher } = topic();
    await queued(store, event);
    const dying: LakeStore = { ...store, write: () => Promise.reject(new Error('killed')) };
    await expect(publish(dying, publisher)).rejects.toThrow('killed');
    await publish(store, publisher);
    expect(sent).toEqual([event.id, event.id]);
  });

  test('the topic is away: the error is told, and everything stays pending', async () => {
    const store = memoryStore();
    const events = eventsOf(1, 2, 3);
    await queued(store, ...events);
    const { sent, publisher } = topic((_event, call) => (call > 1 ? new ConfigError('wrong key') : undefined));
    await expect(publish(store, publisher)).rejects.toThrow(ConfigError);
    expect(sent).toEqual([events[0]?.id]);
    expect(await pendingIds(store)).toEqual([events[1]?.id, events[2]?.id]);
  });

  test('an event that is never taken: the others go, and every run says so again', async () => {
    const store = memoryStore();
    const [one, bad, three] = eventsOf(1, 2, 3);
    await queued(store, ...eventsOf(1, 2, 3));
    const refusal = new PermanentError('too large', { code: 'event-grid-413' });
    const { sent, publisher } = topic(({ id }) => (id === bad?.id ? refusal : undefined));
    const refused = [{ id: bad?.id, code: 'event-grid-413', message: 'too large' }];
    expect(await publish(store, publisher)).toEqual({ published: [one?.id, three?.id], refused });
    expect(await publish(store, publisher)).toEqual({ published: [], refused });
    expect(sent).toEqual([one?.id, three?.id]);
  });
});

describe('sent once more', () => {
  test('on request: those that the filter picks, under their ids', async () => {
    const store = memoryStore();
    const events = eventsOf(1, 2, 3);
    await queued(store, ...events);
    const { sent, publisher } = topic();
    await publish(store, publisher);
    const second = events[1]?.id;
    expect(await republish(store, 'tmdb', ({ id }) => id === second)).toEqual([second]);
    expect(await pendingIds(store)).toEqual([second]);
    await publish(store, publisher);
    expect(sent.slice(3)).toEqual([second]);
  });

  test('asked for while it is just being sent: it stays pending', async () => {
    const store = memoryStore();
    await queued(store, event);
    const { sent, publisher } = topic();
    await publish(store, publisher);
    await republish(store, 'tmdb', () => true);
    // Somebody else sends it and marks it, and then it is asked for again, all while our send is on its way.
    const meanwhile: EventPublisher = {
      async publish() {
        await publish(store, publisher);
        await republish(store, 'tmdb', () => true);
      },
    };
    await publish(store, meanwhile);
    expect(sent).toEqual([event.id, event.id]);
    expect(await pendingIds(store)).toEqual([event.id]);
  });
});

test('whoever dies when, and however many send at once: every event is sent, and in the end none is pending', async () => {
  const attempts = fc.array(fc.record({ dies: fc.nat(12), refuses: fc.nat(6) }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), attempts, fc.scheduler(), async (count, all, scheduler) => {
      const store = memoryStore();
      const events = eventsOf(...Array.from({ length: count }, (_, index) => index + 1));
      await queued(store, ...events);
      const sent = new Set<string>();
      const sending = all.map(({ dies, refuses }) => {
        let steps = 0;
        const step = async (): Promise<void> => {
          await scheduler.schedule(Promise.resolve());
          steps += 1;
          if (steps > dies) throw new Error('killed');
        };
        const mortal: LakeStore = {
          ...store,
          async head(path) {
            await step();
            return store.head(path);
          },
          async write(path, body, condition) {
            await step();
            return store.write(path, body, condition);
          },
        };
        const publisher: EventPublisher = {
          async publish({ id }) {
            await step();
            if (steps % 7 === refuses) throw new TransientError('away');
            sent.add(id);
            // Taken, and the answer lost.
            await step();
          },
        };
        return publish(mortal, publisher).catch(() => undefined);
      });
      await scheduler.waitFor(Promise.all(sending));
      // What is marked was sent.
      const pending = await pendingIds(store);
      for (const { id } of events) expect(sent.has(id) || pending.includes(id)).toBe(true);
      const last = topic();
      await publish(store, last.publisher);
      for (const id of last.sent) sent.add(id);
      expect([...sent].sort()).toEqual(events.map(({ id }) => id).sort());
      expect(await pendingIds(store)).toEqual([]);
    }),
  );
});
