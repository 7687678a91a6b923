import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lazyStore } from '../../../shared/storage/lazy-store.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';

/** A lazy store over one in memory, and how often that one was made. */
function counted(): { readonly store: LakeStore; readonly inner: LakeStore; made(): number } {
  const inner = memoryStore();
  let made = 0;
  const store = lazyStore(async () => {
    made += 1;
    return inner;
  });
  return { store, inner, made: () => made };
}

test('the store is made on first use, and once', async () => {
  const { store, made } = counted();
  expect(made()).toBe(0);
  await Promise.all([store.head('bronze/a'), store.head('bronze/b'), store.delete('bronze/c')]);
  expect(made()).toBe(1);
});

test('every method reaches it, with all that was given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lazy-store-'));
  const { store, inner } = counted();
  const { etag } = await store.write('bronze/a', 'hello');
  await expect(store.write('bronze/a', 'again', { only: 'absent' })).rejects.toMatchObject({ kind: 'conflict' });
  expect(await store.head('bronze/a')).toMatchObject({ bytes: 5, etag });
  expect(String(Buffer.from(await store.read('bronze/a', { start: 1, end: 3 })))).toBe('el');

  const chunks: Uint8Array[] = [];
  for await (const chunk of store.readStream('bronze/a')) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('hello');

  await store.download('bronze/a', join(folder, 'a'));
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('hello');
  await writeFile(join(folder, 'b'), 'up');
  await store.upload(join(folder, 'b'), 'bronze/b', { only: 'absent' });
  const paths: string[] = [];
  for await (const file of store.list('bronze')) paths.push(file.path);
  expect(paths).toEqual(['bronze/a', 'bronze/b']);

  await store.delete('bronze/a');
  expect(await inner.head('bronze/a')).toBeUndefined();
  await rm(folder, { recursive: true });
});

test('a store that could not be made is tried again', async () => {
  let tries = 0;
  const store = lazyStore(async () => {
    tries += 1;
    if (tries === 1) throw new Error('no credential yet');
    return memoryStore();
  });
  await expect(store.head('bronze/a')).rejects.toThrow('no credential yet');
  expect(await store.head('bronze/a')).toBeUndefined();
  expect(tries).toBe(2);
});
