/** The lake's storage on a local folder: for tests, benches, and a lake on plain disks. */
import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConflictError, PermanentError } from '../errors.ts';
import type { LakeFile, LakeStore, WriteCondition, Written } from './store.ts';

/** Where files are written before they appear under their name; a top-level folder, so never part of a listing of the lake. */
const stagingFolder = '.staging';

/**
 * A store below `root`, which is made when missing. Put-if-absent is a hard link, atomic among processes of one machine.
 * A condition on an ETag is checked and then acted on: it holds among the writers of one process only.
 */
export function directoryStore(root: string): LakeStore {
  /** The last conditional write per path; the next one on the same path waits for it. */
  const turns = new Map<string, Promise<unknown>>();

  function local(path: string): string {
    if (path.split('/').some(part => part === '' || part === '.' || part === '..') || path.includes('\0')) {
      throw new PermanentError(`storage path ${JSON.stringify(path)}: empty, "." and ".." segments are not allowed`, {
        code: 'bad-path',
      });
    }
    return join(root, path);
  }

  async function head(path: string): Promise<LakeFile | undefined> {
    const found = await absentAsUndefined(stat(local(path), { bigint: true }));
    if (!found?.isFile()) return undefined;
    return {
      path,
      bytes: Number(found.size),
      etag: `${found.ino.toString(36)}-${found.mtimeNs.toString(36)}-${found.size.toString(36)}`,
      modifiedAtMs: Number(found.mtimeMs),
    };
  }

  async function put(path: string, fill: (stagedFile: string) => Promise<void>, condition: WriteCondition = {}) {
    const target = local(path);
    const staged = join(root, stagingFolder, randomUUID());
    await mkdir(dirname(staged), { recursive: true });
    try {
      await fill(staged);
      await mkdir(dirname(target), { recursive: true });
      if (condition.only === 'absent') await linkIfAbsent(staged, target, path);
      else if (condition.only === undefined) await rename(staged, target);
      else await inTurn(path, () => replace(staged, target, path, condition));
      return await written(path);
    } finally {
      await rm(staged, { force: true });
    }
  }

  async function replace(staged: string, target: string, path: string, condition: WriteCondition): Promise<void> {
    const expected = typeof condition.only === 'object' ? condition.only.etag : undefined;
    const found = await head(path);
    if (found?.etag !== expected) {
      throw new ConflictError(`write ${path}: expected ETag ${expected}, found ${found?.etag ?? 'no file'}`);
    }
    await rename(staged, target);
  }

  async function inTurn(path: string, act: () => Promise<void>): Promise<void> {
    const turn = (turns.get(path) ?? Promise.resolve()).then(act, act);
    turns.set(path, turn);
    try {
      await turn;
    } finally {
      if (turns.get(path) === turn) turns.delete(path);
    }
  }

  async function written(path: string): Promise<Written> {
    const file = await head(path);
    return { path, bytes: file?.bytes ?? 0, etag: file?.etag ?? '' };
  }

  return {
    head,
    async read(path, range) {
      const content = await found(path, readFile(local(path)));
      return range === undefined ? content : content.subarray(range.start, range.end);
    },
    async *readStream(path) {
      await found(path, stat(local(path)));
      yield* createReadStream(local(path), { highWaterMark: 1024 * 1024 });
    },
    async *list(folder) {
      const entries = await absentAsUndefined(readdir(local(folder), { recursive: true, withFileTypes: true }));
      const paths = (entries ?? [])
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(join(root).length + 1));
      for (const path of paths.sort()) {
        const file = await head(path);
        if (file !== undefined) yield file;
      }
    },
    write(path, body, condition) {
      return put(path, staged => writeFile(staged, body), condition);
    },
    async download(path, localFile) {
      await found(path, copyFile(local(path), localFile, constants.COPYFILE_FICLONE));
    },
    upload(localFile, path, condition) {
      return put(path, staged => copyFile(localFile, staged, constants.COPYFILE_FICLONE), condition);
    },
    async delete(path) {
      await rm(local(path), { force: true });
    },
    localPath: local,
  };
}

async function linkIfAbsent(staged: string, target: string, path: string): Promise<void> {
  try {
    await link(staged, target);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new ConflictError(`write ${path}: expected no file, found one`, { cause: error });
  }
}

async function absentAsUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function found<T>(path: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT' && codeOf(cause) !== 'ENOTDIR') throw cause;
    throw new PermanentError(`read ${path}: there is no such file`, { code: 'not-found', cause });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
