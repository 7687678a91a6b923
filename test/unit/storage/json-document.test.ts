import { describe, expect, test } from 'vitest';
import { ConflictError, PermanentError } from '../../../shared/errors.ts';
import { loadDocument, saveDocument, updateDocument } from '../../../shared/storage/json-document.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';

interface Counter {
  readonly count: number;
}

const path = 'control/counter.json';

function add(store: LakeStore): Promise<Counter | undefined> {
  return updateDocument<Counter>(store, path, current => ({ count: (current?.count ?? 0) + 1 }));
}

/** A store in which somebody else saves before each of the first `times` writes. */
function contended(times: number): LakeStore {
  const store = memoryStore();
  let left = times;
  return {
    ...store,
    async write(target, body, condition) {
      if (left > 0) {
        left -= 1;
        await store.write(target, JSON.stringify({ count: 100 + left }));
      }
      return store.write(target, body, condition);
    },
  };
}

describe('load and save', () => {
  test('nothing is there at first', async () => {
    expect(await loadDocument(memoryStore(), path)).toBeUndefined();
  });

  test('what was saved is loaded, and the file is for people too', async () => {
    const store = memoryStore();
    await saveDocument(store, path, { count: 1, name: 'Zoë 🎬' }, undefined);
    expect((await loadDocument(store, path))?.value).toEqual({ count: 1, name: 'Zoë 🎬' });
    const text = Buffer.from(await store.read(path)).toString('utf8');
    expect(text).toBe('{\n  "count": 1,\n  "name": "Zoë 🎬"\n}\n');
  });

  test('the first save needs an empty place, later ones the version they saw', async () => {
    const store = memoryStore();
    await saveDocument(store, path, { count: 1 }, undefined);
    await expect(saveDocument(store, path, { count: 9 }, undefined)).rejects.toThrow(ConflictError);

    const seen = await loadDocument<Counter>(store, path);
    await saveDocument(store, path, { count: 2 }, seen);
    await expect(saveDocument(store, path, { count: 9 }, seen)).rejects.toThrow(ConflictError);
    expect((await loadDocument(store, path))?.value).toEqual({ count: 2 });
  });

  test('a file that is not JSON is reported with its path, and left alone', async () => {
    const store = memoryStore();
    await store.write(path, '{"count": 1');
    const load = loadDocument(store, path);
    await expect(load).rejects.toThrow(PermanentError);
    await expect(load).rejects.toMatchObject({ code: 'bad-json', message: expect.stringContaining(path) });
    await expect(add(store)).rejects.toThrow(PermanentError);
  });
});

describe('update', () => {
  test('makes the document where there is none, then changes it', async () => {
    const store = memoryStore();
    expect(await add(store)).toEqual({ count: 1 });
    expect(await add(store)).toEqual({ count: 2 });
  });

  test('undefined leaves it alone and returns what stands', async () => {
    const store = memoryStore();
    expect(await updateDocument<Counter>(store, path, () => undefined)).toBeUndefined();
    await add(store);
    const before = await store.head(path);
    expect(await updateDocument<Counter>(store, path, () => undefined)).toEqual({ count: 1 });
    expect(await store.head(path)).toEqual(before);
  });

  test('loads again when somebody else was faster', async () => {
    expect(await add(contended(3))).toEqual({ count: 101 });
  });

  test('loses nothing when many do it at once', async () => {
    const store = memoryStore();
    await Promise.all(Array.from({ length: 10 }, () => add(store)));
    expect((await loadDocument<Counter>(store, path))?.value.count).toBe(10);
  });

  test('gives up after twenty times', async () => {
    await expect(add(contended(20))).rejects.toThrow(ConflictError);
    expect(await add(contended(19))).toEqual({ count: 101 });
  });

  test('passes on what the change itself throws', async () => {
    const refuse = (): never => {
      throw new ConflictError('overtaken', { code: 'overtaken' });
    };
    await expect(updateDocument(memoryStore(), path, refuse)).rejects.toThrow('overtaken');
  });
});
