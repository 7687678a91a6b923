/** The contract of the storage port, on the stores that need no service. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directoryStore } from '../../../shared/storage/directory-store.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stores-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const stores: Record<string, () => LakeStore> = {
  memory: () => memoryStore(),
  directory: () => directoryStore(join(folder, 'lake')),
};

describe.each(Object.entries(stores))('%s', (_name, open) => {
  let store: LakeStore;
  const text = async (path: string): Promise<string> => Buffer.from(await store.read(path)).toString();

  beforeAll(() => {
    store = open();
  });

  test('a file is written, described, read, and read in part', async () => {
    const { etag } = await store.write('silver/a/file.txt', 'hello wörld');
    expect(await store.head('silver/a/file.txt')).toMatchObject({ path: 'silver/a/file.txt', bytes: 12, etag });
    expect(await text('silver/a/file.txt')).toBe('hello wörld');
    expect(Buffer.from(await store.read('silver/a/file.txt', { start: 1, end: 4 })).toString()).toBe('ell');
    const chunks = await collected(store.readStream('silver/a/file.txt'));
    expect(Buffer.concat(chunks).toString()).toBe('hello wörld');
  });

  test('a stream is written whole, or not at all when it breaks', async () => {
    async function* body(breaks: boolean): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one ');
      if (breaks) throw new Error('the source broke');
      yield Buffer.from('two');
    }
    await expect(store.write('silver/a/stream', body(true))).rejects.toThrow('the source broke');
    expect(await store.head('silver/a/stream')).toBeUndefined();
    await store.write('silver/a/stream', body(false));
    expect(await text('silver/a/stream')).toBe('one two');
  });

  test('of many writers that each want the file to be new, one wins', async () => {
    const writes = Array.from({ length: 8 }, (_, index) =>
      store.write('silver/b/1.json', `writer ${index}`, { only: 'absent' }),
    );
    const outcomes = await Promise.allSettled(writes);
    const winners = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(await text('silver/b/1.json')).toBe(`writer ${winners[0]}`);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ kind: 'conflict' });
    }
  });

  test('of many writers that saw one ETag, one wins', async () => {
    const { etag } = await store.write('control/state', 'old');
    const writes = [1, 2, 3].map(index => store.write('control/state', `new ${index}`, { only: { etag } }));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(store.write('control/none', 'x', { only: { etag } })).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('a folder is listed in path order, at any depth, without its namesakes', async () => {
    for (const path of ['gold/t/b', 'gold/t/a/2', 'gold/t/a/10', 'gold/tt/x']) await store.write(path, path);
    const paths = (await collected(store.list('gold/t'))).map(({ path }) => path);
    expect(paths).toEqual(['gold/t/a/10', 'gold/t/a/2', 'gold/t/b']);
    expect(await collected(store.list('gold/nothing'))).toEqual([]);
  });

  test('files go up and down; what is not there is a permanent error; deleting twice is fine', async () => {
    const local = join(folder, 'local.bin');
    await writeFile(local, 'bytes');
    await store.upload(local, 'silver/c/up.bin');
    await expect(store.upload(local, 'silver/c/up.bin', { only: 'absent' })).rejects.toMatchObject({
      kind: 'conflict',
    });
    await store.download('silver/c/up.bin', `${local}.copy`);
    expect(await readFile(`${local}.copy`, 'utf8')).toBe('bytes');
    for (let time = 0; time < 2; time++) await store.delete('silver/c/up.bin');
    for (const call of [() => store.read('silver/c/up.bin'), () => store.download('silver/c/up.bin', local)]) {
      await expect(call()).rejects.toMatchObject({ kind: 'permanent', code: 'not-found' });
    }
    await expect(collected(store.readStream('silver/c/up.bin'))).rejects.toMatchObject({ code: 'not-found' });
  });
});

test('a directory store does not leave its folder', async () => {
  const store = directoryStore(join(folder, 'lake'));
  for (const path of ['../secret', 'silver/../../secret', 'silver//x', 'silver/./x', '/etc/passwd', 'silver/\0']) {
    await expect(store.write(path, 'x')).rejects.toMatchObject({ code: 'bad-path' });
  }
});
