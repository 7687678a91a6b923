/** The port to the landing container: what every adapter does alike. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentHash } from '../../../shared/sources/imdb/archive/archives.ts';
import { collect } from '../storage/fixture.ts';
import { blobPlace, memoryPlace, type Place } from './place.ts';

describe.each([
  ['in memory', memoryPlace],
  ['on Blob storage', () => blobPlace()],
])('a landing %s', (_, start) => {
  let place: Place;
  beforeEach(async () => {
    place = await start();
  });
  afterEach(() => place.close());

  const bytes = async (...given: Parameters<Place['landing']['read']>): Promise<Buffer> =>
    Buffer.concat(await collect(place.landing.read(...given)));

  test('lists nothing where nothing is', async () => {
    expect(await collect(place.landing.list())).toEqual([]);
  });

  test('lists every file with size, version and time, whatever its name', async () => {
    const names = ['a b/50%+ ü&ö.tsv', 'title.basics.tsv.gz', '映画/🎬 #1?.zip', "it's <x>.tsv", 'a%20b.tsv'];
    for (const name of names) await place.put(name, name);
    const listed = await collect(place.landing.list());
    expect(listed.map(({ path }) => path).sort()).toEqual(names.sort());
    for (const file of listed) {
      expect(file.bytes).toBe(Buffer.byteLength(file.path));
      expect(file.etag).toMatch(/^[^"]+$/);
      expect(new Date(file.modifiedAt).toISOString()).toBe(file.modifiedAt);
      expect((await bytes(file)).toString()).toBe(file.path);
    }
  });

  test('gives a file another version with every write, be it of the same bytes', async () => {
    const first = await place.put('a.tsv', 'same');
    const second = await place.put('a.tsv', 'same');
    expect(second.etag).not.toBe(first.etag);
    expect(await contentHash(second, place.landing)).toBe(
      '0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5',
    );
  });

  test('reads a large file, and parts of it: start inclusive, end exclusive', async () => {
    const content = Buffer.alloc(3_000_001, 'abcdefghijklm');
    const file = await place.put('large.zip', content);
    expect((await bytes(file)).equals(content)).toBe(true);
    for (const [start, end] of [
      [0, 1],
      [0, 3_000_001],
      [1_000_000, 2_500_000],
      [3_000_000, 3_000_001],
      [7, 7],
    ] as const)
      expect((await bytes(file, { start, end })).equals(content.subarray(start, end)), `${start}-${end}`).toBe(true);
  });

  test('reads an empty file', async () => {
    expect(await bytes(await place.put('empty.tsv', ''))).toHaveLength(0);
  });

  test('can be left in the middle of a file', async () => {
    const file = await place.put('large.zip', Buffer.alloc(3_000_000));
    for await (const chunk of place.landing.read(file)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await bytes(file)).toHaveLength(3_000_000);
  });

  test('does not give another version than the one asked for', async () => {
    const file = await place.put('a.tsv', 'old');
    await place.put('a.tsv', 'new');
    await expect(bytes(file)).rejects.toMatchObject({ kind: 'conflict', code: 'source-changed' });
  });

  test('says that a file is gone', async () => {
    const file = await place.put('a.tsv', 'old');
    await place.remove('a.tsv');
    await expect(bytes(file)).rejects.toMatchObject({ kind: 'permanent', code: 'source-gone' });
  });
});
