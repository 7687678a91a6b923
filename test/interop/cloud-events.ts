/** The CNCF's own package for CloudEvents: it takes what our topic delivers, and holds it against the published JSON schema. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEventGrid } from '../../local/servers/event-grid/event-grid.ts';
import { eventTopic } from '../../local/settings.ts';
import { eventPublisher } from '../../shared/azure/event-publisher.ts';
import { outboxFolder } from '../../shared/catalog/lake-paths.ts';
import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LakeEvent } from '../../shared/events/lake-event.ts';
import { type OutboxEntry, publishPending, queueEvent } from '../../shared/events/outbox.ts';
import { memoryStore } from '../../shared/storage/memory-store.ts';
import { answering } from '../unit/sources/tmdb/answering.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import { nodeWith } from './install.ts';
import type { Outsider } from './outsider.ts';

const name = 'CloudEvents SDK';
const deliveryTimeoutMs = 20_000;

export const cloudEventsSdk: Outsider = {
  name,
  async install() {
    const require = await nodeWith('cloudevents', ['cloudevents@10.0.0']);
    return (lake, checks) => meet(require('cloudevents') as Sdk, lake, checks);
  },
};

/** What is used of the package. */
interface Sdk {
  readonly HTTP: { toEvent(message: Message): SdkEvent };
  /** A strict one cannot be made of members that do not conform. */
  readonly CloudEvent: new (
    event: object,
    strict: boolean,
  ) => SdkEvent;
}

interface SdkEvent {
  /** False where there is no schema for the version that the event says it has. */
  validate(): boolean;
}

/** A request as it came to a webhook. */
interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function meet(sdk: Sdk, lake: FilledLake, { check }: Checks): Promise<void> {
  let message: Message | undefined;
  await check(`${name}: takes the events of the lake as the topic delivers them, strictly`, async () => {
    const events = await outboxOf(lake);
    assert.equal(events.length, tmdbLists.length);
    const taken = new Map<unknown, object>();
    for (const delivered of await deliveries(events)) {
      message = delivered;
      const { id, sentat, ...rest } = plain(conforming(sdk, delivered));
      assert.ok(Date.parse(String(sentat)) > 0, `sent at ${sentat}`);
      taken.set(id, { id, ...rest });
    }
    assert.deepEqual(taken, new Map(events.map(event => [event.id, event])));
  });
  for (const [fault, broken] of Object.entries(breaches)) {
    await check(`${name}: refuses the same event ${fault}`, async () => {
      assert.ok(message, 'nothing was delivered');
      const body = JSON.stringify({ ...JSON.parse(message.body), ...broken });
      const { headers } = message;
      assert.throws(() => conforming(sdk, { headers, body }));
    });
  }
}

/** What the specification forbids, each in the members that break it. */
const breaches = {
  'without a source': { source: undefined },
  'at a time that is none': { time: 'this morning' },
  'of a version that is none': { specversion: '1.5' },
  'with a capital in the name of an attribute': { sentAt: '2026-01-31T06:00:06.001Z' },
  'with an attribute that is a fraction': { sentat: 1.5 },
};

/** The event of a request that conforms. @throws Error where it does not */
function conforming({ HTTP, CloudEvent }: Sdk, message: Message): SdkEvent {
  // What reads requests is lenient, and mends a bad time: so the members are judged as they were sent.
  assert.equal(new CloudEvent(JSON.parse(message.body) as object, true).validate(), true);
  return HTTP.toEvent(message);
}

/** Without the members that the package has for what is not there. */
function plain(event: SdkEvent): Record<string, unknown> {
  return JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
}

/** What the app has announced. */
async function outboxOf({ folder }: FilledLake): Promise<readonly LakeEvent[]> {
  const outbox = join(folder, outboxFolder('tmdb'));
  const files = (await readdir(outbox)).filter(file => file.endsWith('.json'));
  const entries = files.map(async file => JSON.parse(await readFile(join(outbox, file), 'utf8')) as OutboxEntry);
  return (await Promise.all(entries)).map(({ event }) => event);
}

/** Sends events, as the app does, to a topic of their own, and returns what comes to its subscriber. */
async function deliveries(events: readonly LakeEvent[]): Promise<readonly Message[]> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-topic-'));
  const { name: topic, key } = eventTopic;
  await using webhook = await answering(() => ({}));
  const service = await startEventGrid({
    folder,
    topics: [{ name: topic, keys: [key], schema: 'cloudevents' }],
    subscriptions: [{ name: 'outsider', webhookUrl: webhook.url, topic }],
  });
  try {
    const endpoint = `${service.url}/topics/${topic}/api/events`;
    const store = memoryStore();
    for (const event of events) await queueEvent(store, 'tmdb', event);
    const publisher = await eventPublisher({ endpoint, key, schema: 'cloudevents' });
    await publishPending(store, 'tmdb', publisher, systemClock);
    for (const deadline = Date.now() + deliveryTimeoutMs; webhook.bodies.length < events.length; await sleep(5))
      assert.ok(Date.now() < deadline, `only ${webhook.bodies.length} of ${events.length} events came`);
    return webhook.bodies.map((body, index) => ({ headers: webhook.headers[index] ?? {}, body }));
  } finally {
    await service.close();
    await rm(folder, { recursive: true, force: true });
  }
}
