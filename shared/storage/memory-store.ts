/** The lake's storage on a Map: for tests, and for anything too small to keep. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Clock, systemClock } from '../clock.ts';
import { ConflictError, PermanentError } from '../errors.ts';
import type { LakeFile, LakeStore, WriteCondition, Written } from './store.ts';

interface StoredFile extends LakeFile {
  readonly content: Uint8Array;
}

/** An empty store. Every method is atomic: it touches the Map in one synchronous step. */
export function memoryStore(clock: Clock = systemClock): LakeStore {
  const files = new Map<string, StoredFile>();

  function existing(path: string): StoredFile {
    const file = files.get(path);
    if (file === undefined) throw new PermanentError(`read ${path}: there is no such file`, { code: 'not-found' });
    return file;
  }

  function put(path: string, content: Uint8Array, condition: WriteCondition = {}): Written {
    const found = files.get(path);
    if (condition.only === 'absent' && found !== undefined) {
      throw new ConflictError(`write ${path}: expected no file, found one with ETag ${found.etag}`);
    }
    if (typeof condition.only === 'object' && condition.only.etag !== found?.etag) {
      throw new ConflictError(`write ${path}: expected ETag ${condition.only.etag}, found ${found?.etag ?? 'no file'}`);
    }
    const file = { path, content, bytes: content.length, etag: randomUUID(), modifiedAtMs: clock.now() };
    files.set(path, file);
    return { path, bytes: file.bytes, etag: file.etag };
  }

  return {
    async head(path) {
      const file = files.get(path);
      return file && description(file);
    },
    async read(path, range) {
      return existing(path).content.slice(range?.start, range?.end);
    },
    async *readStream(path) {
      yield existing(path).content;
    },
    async *list(folder) {
      const inside = [...files.values()].filter(file => file.path.startsWith(`${folder}/`));
      yield* inside.sort((a, b) => (a.path < b.path ? -1 : 1)).map(description);
    },
    async write(path, body, condition) {
      return put(path, await bytesOf(body), condition);
    },
    async download(path, localFile) {
      await writeFile(localFile, existing(path).content);
    },
    async upload(localFile, path, condition) {
      return put(path, await readFile(localFile), condition);
    },
    async delete(path) {
      files.delete(path);
    },
  };
}

function description({ path, bytes, etag, modifiedAtMs }: StoredFile): LakeFile {
  return { path, bytes, etag, modifiedAtMs };
}

async function bytesOf(body: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return body.slice();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
