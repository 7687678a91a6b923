/** The landing on Blob storage on bad days, and what only Blob storage has: pages, folders, encodings. */
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FaultAction, FaultTable } from '../../../local/faults.ts';
import { blobLanding } from '../../../shared/azure/blob-landing.ts';
import { collect } from '../storage/fixture.ts';
import { type BlobPlace, blobPlace } from './place.ts';

const content = Buffer.alloc(4_000_003, 'abcdefghijklmnopq');
const reset = (afterBytes: number): FaultAction => ({ kind: 'reset', afterBytes });

let faults: FaultTable;
let place: BlobPlace;
beforeEach(async () => {
  faults = new FaultTable();
  place = await blobPlace(faults);
});
afterEach(() => place.close());

const onRead = (action: FaultAction, times = 1, skip = 0) =>
  faults.add({ service: 'storage', operation: 'GET imdb/*', action, times, skip });

describe('a connection that breaks', () => {
  test('is taken up where it broke, each time', async () => {
    const file = await place.put('a.zip', content);
    const fault = onRead(reset(700_001), 5);
    expect(Buffer.concat(await collect(place.landing.read(file))).equals(content)).toBe(true);
    expect(fault.fired).toBe(5);
    expect(place.slept).toHaveLength(5);
  });

  test('also inside a part', async () => {
    const file = await place.put('a.zip', content);
    onRead(reset(100_000), 2);
    const part = Buffer.concat(await collect(place.landing.read(file, { start: 1_000_000, end: 2_000_000 })));
    expect(part.equals(content.subarray(1_000_000, 2_000_000))).toBe(true);
  });

  test('before the first byte', async () => {
    const file = await place.put('a.zip', content);
    onRead({ kind: 'reset' }, 4);
    expect(Buffer.concat(await collect(place.landing.read(file))).equals(content)).toBe(true);
    expect(place.slept).toHaveLength(4);
  });

  test('and breaks wherever it is taken up is given up after five calls', async () => {
    const file = await place.put('a.zip', content);
    onRead({ kind: 'reset' }, 100, 1);
    onRead(reset(1_000_000));
    await expect(collect(place.landing.read(file))).rejects.toMatchObject({ kind: 'transient', code: 'connection' });
    expect(place.slept).toHaveLength(4);
  });
});

describe('a service that is busy', () => {
  const busy: FaultAction = { kind: 'status', status: 503, retryAfterSeconds: 3 };

  test('is asked again, not before it said', async () => {
    const file = await place.put('a.zip', content);
    onRead(busy, 2);
    faults.add({ service: 'storage', operation: 'LIST imdb*', action: busy });
    expect(await collect(place.landing.list())).toEqual([file]);
    expect(Buffer.concat(await collect(place.landing.read(file))).equals(content)).toBe(true);
    expect(place.slept).toHaveLength(3);
    expect(Math.min(...place.slept)).toBeGreaterThanOrEqual(3000);
  });

  test('when a broken connection is taken up again', async () => {
    const file = await place.put('a.zip', content);
    onRead(busy, 1, 1);
    onRead(reset(1_000_000));
    expect(Buffer.concat(await collect(place.landing.read(file))).equals(content)).toBe(true);
  });
});

describe('a file that changes while it is being read', () => {
  /** Reads with one break in the middle, and does something to the file at the break. */
  async function readAcross(change: () => Promise<unknown>): Promise<Buffer> {
    const file = await place.put('a.zip', content);
    onRead(reset(1_000_000));
    const parts: Uint8Array[] = [];
    for await (const chunk of place.landing.read(file)) {
      if (parts.length === 0) await change();
      parts.push(chunk);
    }
    return Buffer.concat(parts);
  }

  test('replaced', async () => {
    const reading = readAcross(() => place.put('a.zip', content));
    await expect(reading).rejects.toMatchObject({ kind: 'conflict', code: 'source-changed' });
    await expect(reading).rejects.toThrow(/^landing file a\.zip: replaced since/);
  });

  test('replaced by a shorter one', async () => {
    await expect(readAcross(() => place.put('a.zip', 'short'))).rejects.toMatchObject({ code: 'source-changed' });
  });

  test('deleted', async () => {
    const reading = readAcross(() => place.remove('a.zip'));
    await expect(reading).rejects.toMatchObject({ kind: 'permanent', code: 'source-gone' });
  });
});

test('a reader that leaves early gives its connection back', async () => {
  const sockets = (): number => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length;
  const file = await place.put('a.zip', Buffer.alloc(20_000_000));
  const before = sockets();
  for await (const _ of place.landing.read(file)) break;
  await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before));
});

test('a container of several pages is listed whole, also when one page fails', async () => {
  const names = Array.from({ length: 5003 }, (_, index) => `f${String(index).padStart(4, '0')}`);
  place.fill(names);
  faults.add({ service: 'storage', operation: 'LIST *', action: { kind: 'status', status: 500 }, skip: 1 });
  expect((await collect(place.landing.list())).map(({ path }) => path)).toEqual(names);
  expect(place.slept).toHaveLength(1);
});

test('folders are no files', async () => {
  await place.put('deep/er/a.tsv', 'x');
  expect((await collect(place.landing.list())).map(({ path }) => path)).toEqual(['deep/er/a.tsv']);
});

test('bytes arrive as they were stored, whatever encoding their uploader declared', async () => {
  const bytes = gzipSync('tconst\n');
  const blobHTTPHeaders = { blobContentEncoding: 'gzip', blobContentType: 'text/tab-separated-values' };
  await place.container.getBlockBlobClient('a.tsv.gz').uploadData(bytes, { blobHTTPHeaders });
  const [file] = await collect(place.landing.list());
  if (file === undefined) throw new Error('not listed');
  expect(Buffer.concat(await collect(place.landing.read(file)))).toEqual(bytes);
});

describe('settings that are wrong are named', () => {
  test('a container that is not there', async () => {
    await place.container.delete();
    const listing = collect(place.landing.list());
    await expect(listing).rejects.toMatchObject({ kind: 'config', code: 'no-container' });
    await expect(listing).rejects.toThrow('landing container imdb: imdblanding has none of that name');
  });

  test('a key that is not the account’s', async () => {
    const accountKey = Buffer.alloc(64, 'another').toString('base64');
    const stranger = await blobLanding({ url: place.url, accountKey, container: 'imdb' });
    await expect(collect(stranger.list())).rejects.toMatchObject({ kind: 'config' });
    await expect(collect(stranger.list())).rejects.toThrow('check IMDB_LANDING_ACCOUNT_KEY');
  });
});
