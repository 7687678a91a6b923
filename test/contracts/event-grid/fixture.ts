/** An Event Grid of two topics in a folder of its own, a webhook that hears of both, and the vendor's clients. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureKeyCredential, type AzureSASCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { afterEach, beforeEach } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import { type EventGrid, type EventGridOptions, startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';
import type { EventSubscription } from '../../../local/servers/event-grid/subscription.ts';
import { type Webhook, webhook } from './webhook.ts';

export const keys = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')];

/** By schema, also their names. */
export const topics = [
  { name: 'cloudevents', keys, schema: 'cloudevents' },
  { name: 'eventgrid', keys, schema: 'eventgrid' },
] as const;

export let folder: string;
export let faults: FaultTable;
const open: { close(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-grid-'));
  faults = new FaultTable();
});
afterEach(async () => {
  for (const server of open.splice(0).reverse()) await server.close();
  rmSync(folder, { recursive: true });
});

/** Closed after the test. */
export async function hooked(...answer: Parameters<typeof webhook>): Promise<Webhook> {
  const hook = await webhook(...answer);
  open.push(hook);
  return hook;
}

/** One that tries again ten thousand times as soon as the service. Closed after the test. */
export async function grid(
  subscriptions: readonly EventSubscription[],
  options: Partial<EventGridOptions> = {},
): Promise<EventGrid> {
  const server = await startEventGrid({ folder, topics, faults, timeScale: 0.0001, subscriptions, ...options });
  open.push(server);
  return server;
}

/** Stops what was started last, before the test ends. */
export async function stopLast(): Promise<void> {
  await open.pop()?.close();
}

type Address = Pick<EventGrid, 'url'>;

export function endpoint(server: Address, topic: string): string {
  return `${server.url}/topics/${topic}/api/events`;
}

const retryOptions = { maxRetries: 1, retryDelayInMs: 1, maxRetryDelayInMs: 1 };

export function cloudEvents(
  server: Address,
  credential: AzureKeyCredential | AzureSASCredential = new AzureKeyCredential(keys[0] ?? ''),
): EventGridPublisherClient<'CloudEvent'> {
  const options = { allowInsecureConnection: true, retryOptions };
  return new EventGridPublisherClient(endpoint(server, 'cloudevents'), 'CloudEvent', credential, options);
}

export function gridEvents(server: Address): EventGridPublisherClient<'EventGrid'> {
  const options = { allowInsecureConnection: true, retryOptions };
  const credential = new AzureKeyCredential(keys[0] ?? '');
  return new EventGridPublisherClient(endpoint(server, 'eventgrid'), 'EventGrid', credential, options);
}

export function landed(id: string, data: unknown = { list: 'popular', pages: 3 }) {
  return { id, type: 'youflix.tmdb.list-landed.v1', source: '/youflix/lake', subject: `tmdb/lists/${id}`, data };
}
