import { app, type EventGridFunctionOptions, InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Services } from '../../../functions/services.ts';
import { registerEventGridImdbLanded } from '../../../functions/triggers/eventgrid-imdb-landed.ts';
import { contentHash } from '../../../shared/sources/imdb/archive/archives.ts';
import { commitDelivery } from '../../../shared/sources/imdb/ledger.ts';
import { planCopy } from '../../../shared/sources/imdb/plan-copy.ts';
import { type MemoryLanding, memoryLanding } from '../sources/imdb/memory-landing.ts';
import { type DurableApi, startDurableApi } from './durable-api.ts';
import { testServices } from './test-services.ts';

let registered: EventGridFunctionOptions;
let durable: DurableApi;
let landing: MemoryLanding;
let services: Services;

beforeEach(async () => {
  // Outside a host a registration goes nowhere; here it is kept, so that the handler can be called as the host would.
  vi.spyOn(app, 'eventGrid').mockImplementation((_name, options) => {
    registered = options as EventGridFunctionOptions;
  });
  durable = await startDurableApi();
  landing = memoryLanding();
  services = testServices({ imdbLanding: landing });
  registerEventGridImdbLanded(services);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await durable.close();
});

async function deliver(path: string, etag: string, eventType = 'Microsoft.Storage.BlobCreated'): Promise<void> {
  const { handler, extraInputs = [] } = registered;
  const context = new InvocationContext({
    functionName: 'imdb-landed',
    options: { extraInputs } as unknown as InvocationContext['options'],
    logHandler: () => undefined,
  });
  for (const input of extraInputs) context.extraInputs.set(input, durable.binding);
  const event = {
    id: 'an-id',
    topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/imdblanding',
    subject: `/blobServices/default/containers/imdb/blobs/${path}`,
    eventType,
    eventTime: '2026-01-31T12:00:00Z',
    dataVersion: '',
    metadataVersion: '1',
    data: { api: 'PutBlob', eTag: etag },
  };
  await handler(event, context);
}

/** The lake has taken everything in the container. */
async function carryAll(): Promise<void> {
  const run = { runId: 'imdb-1', startedAt: '2026-01-31T00:00:00.000Z' };
  const request = { run, mode: 'incremental', dataSets: ['title.basics'] } as const;
  const { copies } = await planCopy(request, { store: services.store, landing });
  for (const { file, entry, sequence, bronzePath } of copies) {
    const bronze = { path: bronzePath, bytes: 1, lines: 1, malformedLines: 0, rows: 1, columns: [], expandedBytes: 1 };
    const claim = { run, file, entry: entry.name, dataSet: entry.dataSet, sequence };
    await commitDelivery(services.store, claim, { bronze, sha256: await contentHash(file, landing) });
  }
}

function started(): string[] {
  return [...durable.instances.values()].map(({ name }) => name);
}

describe('a file that landed', () => {
  test('starts an incremental run of the pipeline', async () => {
    const { etag } = landing.put('title.basics.tsv.gz', 'a');
    await deliver('title.basics.tsv.gz', etag);
    const [run] = durable.instances.values();
    expect(run).toMatchObject({ name: 'imdb', input: { request: { mode: 'incremental' } } });
  });

  test('while a run is under way the event is turned away, so that Event Grid brings it again', async () => {
    const { etag } = landing.put('title.basics.tsv.gz', 'a');
    await deliver('title.basics.tsv.gz', etag);
    await expect(deliver('title.ratings.tsv.gz', '0x9')).rejects.toThrow('a run of imdb is under way');
    expect(started()).toEqual(['imdb']);
  });

  test('delivered five times at once it starts one run', async () => {
    const { etag } = landing.put('title.basics.tsv.gz', 'a');
    const deliveries = Array.from({ length: 5 }, () => deliver('title.basics.tsv.gz', etag));
    const outcomes = await Promise.allSettled(deliveries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(started()).toEqual(['imdb']);
  });

  test('delivered again once the ledger has that version, it starts nothing', async () => {
    const { etag } = landing.put('title.basics.tsv.gz', 'a');
    await carryAll();
    await deliver('title.basics.tsv.gz', etag);
    expect(started()).toEqual([]);
    await deliver('title.basics.tsv.gz', landing.put('title.basics.tsv.gz', 'bb').etag);
    expect(started()).toEqual(['imdb']);
  });

  test.each(['Microsoft.Storage.BlobDeleted', 'Microsoft.Storage.BlobRenamed'])('%s starts nothing', async type => {
    await deliver('title.basics.tsv.gz', '0x1', type);
    expect(started()).toEqual([]);
  });
});
