/** Webhooks that take events and note which, and two ways to bring them there. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { FaultTable } from '../../local/faults.ts';
import { startEventGrid } from '../../local/servers/event-grid/event-grid.ts';
import { listLandedType } from '../../shared/events/list-landed.ts';

export interface FanOut {
  readonly events: number;
  readonly subscribers: number;
  /** Share of the deliveries whose answer is lost, so that they come again. */
  readonly doubled: number;
  /** Share of the deliveries that others overtake. */
  readonly late: number;
}

interface Delivered {
  /** From the first publish request to the last subscriber's last event. */
  readonly seconds: number;
  /** Doubles included. */
  readonly notifications: number;
  /** Events that a subscriber did not get, over all of them. */
  readonly missing: number;
}

const topic = { name: 'youflix-lake', keys: [Buffer.alloc(32, 1).toString('base64')], schema: 'cloudevents' } as const;
const perRequest = 100;
const patienceMs = 60_000;
/** As many as the stand-in has under way to one webhook. */
const atOnce = 16;

/** By way of the Event Grid stand-in, published by the vendor's client. */
export async function deliver(folder: string, { events, subscribers, doubled, late }: FanOut): Promise<Delivered> {
  const webhooks = await Promise.all(Array.from({ length: subscribers }, openWebhook));
  const always = { service: 'event-grid', operation: 'DELIVER *', times: Number.POSITIVE_INFINITY };
  const eventGrid = await startEventGrid({
    folder,
    topics: [topic],
    subscriptions: webhooks.map(({ url }, at) => ({ name: `subscriber-${at}`, topic: topic.name, webhookUrl: url })),
    faults: new FaultTable([
      { ...always, phase: 'after', action: { kind: 'reset' }, share: doubled },
      { ...always, action: { kind: 'delay', ms: 20 }, share: late },
    ]),
    // A delivery whose answer was lost is repeated after 10 ms, not after ten seconds.
    timeScale: 0.001,
  });
  try {
    const endpoint = `${eventGrid.url}/topics/${topic.name}/api/events`;
    const credential = new AzureKeyCredential(topic.keys[0]);
    const client = new EventGridPublisherClient(endpoint, 'CloudEvent', credential, { allowInsecureConnection: true });
    const startedMs = performance.now();
    for (let from = 0; from < events; from += perRequest) {
      const some = Array.from({ length: Math.min(perRequest, events - from) }, (_, at) => event(from + at));
      await client.send(some);
    }
    await Promise.race([
      Promise.all(webhooks.map(webhook => webhook.got(events))),
      new Promise(resolve => setTimeout(resolve, patienceMs).unref()),
    ]);
    return {
      seconds: (performance.now() - startedMs) / 1000,
      notifications: webhooks.reduce((sum, webhook) => sum + webhook.notifications, 0),
      missing: webhooks.reduce((sum, webhook) => sum + events - webhook.ids.size, 0),
    };
  } finally {
    await eventGrid.close();
    for (const webhook of webhooks) webhook.close();
  }
}

/** By hand, and nothing but that. Returns the seconds it took. */
export async function post(subscribers: number, notifications: number): Promise<number> {
  const webhooks = await Promise.all(Array.from({ length: subscribers }, openWebhook));
  const startedMs = performance.now();
  let next = 0;
  const work = async (url: string): Promise<void> => {
    while (next < notifications) {
      const body = JSON.stringify(event(next++));
      await (await fetch(url, { method: 'POST', body })).arrayBuffer();
    }
  };
  await Promise.all(webhooks.flatMap(({ url }) => Array.from({ length: atOnce }, () => work(url))));
  const seconds = (performance.now() - startedMs) / 1000;
  for (const webhook of webhooks) webhook.close();
  return seconds;
}

function event(number: number) {
  const subject = `tmdb/lists/popular/${number}`;
  return { id: String(number), type: listLandedType, source: '/youflix/lake', subject, data: { list: 'popular' } };
}

interface Webhook {
  readonly url: string;
  readonly ids: ReadonlySet<string>;
  readonly notifications: number;
  /** Resolves once so many events have come, each counted once. */
  got(events: number): Promise<void>;
  close(): void;
}

async function openWebhook(): Promise<Webhook> {
  const ids = new Set<string>();
  let notifications = 0;
  let wanted = Number.POSITIVE_INFINITY;
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { id: string } | { id: string }[];
    for (const { id } of [body].flat()) ids.add(id);
    notifications += 1;
    response.end();
    if (ids.size >= wanted) resolve();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ids,
    get notifications() {
      return notifications;
    },
    got(events) {
      wanted = events;
      if (ids.size >= wanted) resolve();
      return promise;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
