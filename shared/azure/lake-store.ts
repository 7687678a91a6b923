/** The lake's storage on ADLS Gen2. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type {
  DataLakeFileClient,
  DataLakeRequestConditions,
  DataLakeServiceClient,
} from '@azure/storage-file-datalake';
import { PermanentError } from '../errors.ts';
import { defaultRetryPolicy, type RetryEffects, type RetryPolicy, withRetry } from '../retry.ts';
import type { LakeFile, LakeStore, WriteCondition, Written } from '../storage/store.ts';
import { inBlocks } from './blocks.ts';
import { storageError } from './storage-errors.ts';

/** Where files are written before they are renamed into place; one folder per file system, outside every table. */
const stagingFolder = '_staging';

/** Bytes per append. Large enough that requests do not count, small enough that two in memory do not either. */
const blockBytes = 4 * 1024 * 1024;

/** Metadata that marks a file as ours, so that a rename whose answer was lost can be told from one that failed. */
const writerKey = 'writer';

export interface AzureLakeStoreOptions {
  readonly retry?: RetryPolicy;
  readonly effects?: Partial<RetryEffects>;
}

/**
 * A store over one storage account. Give the client `retryOptions: { maxTries: 1 }`: the retries are here, because the SDK's own
 * know neither 429 nor `Retry-After`.
 */
export function azureLakeStore(service: DataLakeServiceClient, options: AzureLakeStoreOptions = {}): LakeStore {
  const policy = options.retry ?? defaultRetryPolicy;

  function attempt<T>(action: string, path: string, call: (attempt: number) => Promise<T>): Promise<T> {
    const mapped = async (number: number): Promise<T> => {
      try {
        return await call(number);
      } catch (error) {
        throw storageError(error, action, path);
      }
    };
    return withRetry(mapped, policy, options.effects);
  }

  function file(path: string): DataLakeFileClient {
    const { fileSystem, rest } = split(path);
    return service.getFileSystemClient(fileSystem).getFileClient(rest);
  }

  async function head(path: string): Promise<LakeFile | undefined> {
    try {
      const found = await attempt('head', path, () => file(path).getProperties());
      if (found.metadata?.['hdi_isfolder'] === 'true') return undefined;
      return {
        path,
        bytes: found.contentLength ?? 0,
        etag: bare(found.etag),
        modifiedAtMs: found.lastModified?.getTime() ?? 0,
      };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function* readStream(path: string): AsyncIterable<Uint8Array> {
    const answer = await attempt('read', path, () => file(path).read());
    if (!answer.readableStreamBody) return;
    try {
      for await (const chunk of answer.readableStreamBody) yield chunk as unknown as Uint8Array;
    } catch (error) {
      throw storageError(error, 'read', path);
    }
  }

  async function write(
    path: string,
    body: Uint8Array | string | AsyncIterable<Uint8Array>,
    condition: WriteCondition = {},
  ): Promise<Written> {
    const { fileSystem } = split(path);
    const writer = randomUUID();
    const stagedPath = `${fileSystem}/${stagingFolder}/${writer}`;
    const staged = file(stagedPath);
    try {
      await attempt('create', stagedPath, () => staged.create({ metadata: { [writerKey]: writer } }));
      const bytes = await append(staged, stagedPath, body);
      const etag = await publish(stagedPath, path, writer, condition);
      return { path, bytes, etag };
    } catch (error) {
      // Best effort: what is left in staging hurts nobody, and the first error is the one to report.
      await staged.deleteIfExists().catch(() => undefined);
      throw error;
    }
  }

  async function append(
    staged: DataLakeFileClient,
    stagedPath: string,
    body: Uint8Array | string | AsyncIterable<Uint8Array>,
  ): Promise<number> {
    let position = 0;
    let inFlight: Promise<unknown> = Promise.resolve();
    let travelling: Uint8Array | undefined;
    // Two blocks in turns: left to the garbage collector, a dozen of them would be waiting for it.
    const idle: Uint8Array[] = [];
    const takeBlock = (): Uint8Array => idle.pop() ?? new Uint8Array(blockBytes);
    for await (const block of inBlocks(body, blockBytes, takeBlock)) {
      // One append travels while the next block fills.
      await inFlight;
      if (travelling !== undefined) idle.push(travelling);
      travelling = block;
      const offset = position;
      inFlight = attempt('append', stagedPath, () => staged.append(block, offset, block.length));
      inFlight.catch(() => undefined);
      position += block.length;
    }
    await inFlight;
    if (position > 0) await attempt('flush', stagedPath, () => staged.flush(position));
    return position;
  }

  /** Renames a staged file into place. Returns the ETag of the published file. */
  async function publish(stagedPath: string, path: string, writer: string, condition: WriteCondition): Promise<string> {
    const target = split(path);
    const rename = (): Promise<string> =>
      attempt('rename', path, async tryNumber => {
        try {
          const moved = await file(stagedPath).move(target.fileSystem, target.rest, {
            destinationConditions: renameConditions(condition),
          });
          return bare(moved.etag);
        } catch (error) {
          // A repeated rename finds its source gone when the first one did take effect: the mark on the target tells.
          if (tryNumber > 1) {
            const found = await file(path)
              .getProperties()
              .catch(() => undefined);
            if (found?.metadata?.[writerKey] === writer) return bare(found.etag);
          }
          throw error;
        }
      });
    let etag: string;
    try {
      etag = await rename();
    } catch (error) {
      if (!(error instanceof PermanentError && error.code === 'not-found') || !target.rest.includes('/')) throw error;
      // ADLS renames only into folders that exist (RenameDestinationParentPathNotFound); making them is idempotent.
      const parent = target.rest.slice(0, target.rest.lastIndexOf('/'));
      await attempt('create folder for', path, () =>
        service.getFileSystemClient(target.fileSystem).getDirectoryClient(parent).createIfNotExists(),
      );
      etag = await rename();
    }
    return etag === '' ? ((await head(path))?.etag ?? '') : etag;
  }

  return {
    head,
    readStream,
    write,

    read(path, range) {
      return attempt('read', path, async () => {
        if (range !== undefined) return file(path).readToBuffer(range.start, Math.max(0, range.end - range.start));
        // In one request: `readToBuffer` would ask for the length first, and what it then reads may be another version.
        const { readableStreamBody } = await file(path).read(0, undefined, { maxRetryRequests: 0 });
        if (readableStreamBody === undefined) return new Uint8Array(0);
        return buffer(readableStreamBody);
      });
    },

    async *list(folder) {
      const { fileSystem, rest } = split(folder);
      const paths = service.getFileSystemClient(fileSystem).listPaths({ path: rest, recursive: true });
      let continuation: string | undefined;
      do {
        // A new iterator per page: one that has thrown is over, and would end the list as if everything had been seen.
        const from = continuation === undefined ? {} : { continuationToken: continuation };
        const nextPage = async () => (await paths.byPage(from).next()).value;
        let page: Awaited<ReturnType<typeof nextPage>>;
        try {
          page = await attempt('list', folder, nextPage);
        } catch (error) {
          if (isNotFound(error)) return;
          throw error;
        }
        for (const item of page?.pathItems ?? []) {
          if (item.isDirectory || item.name === undefined) continue;
          yield {
            path: `${fileSystem}/${item.name}`,
            bytes: item.contentLength ?? 0,
            etag: bare(item.etag),
            modifiedAtMs: item.lastModified?.getTime() ?? 0,
          };
        }
        continuation = page?.continuation;
      } while (continuation);
    },

    async download(path, localFile) {
      await withRetry(() => pipeline(readStream(path), createWriteStream(localFile)), policy, options.effects);
    },

    upload(localFile, path, condition) {
      return write(path, createReadStream(localFile, { highWaterMark: 1024 * 1024 }), condition);
    },

    async delete(path) {
      await attempt('delete', path, () => file(path).deleteIfExists());
    },
  };
}

function renameConditions(condition: WriteCondition): DataLakeRequestConditions {
  if (condition.only === undefined) return {};
  return condition.only === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: `"${condition.only.etag}"` };
}

function split(path: string): { fileSystem: string; rest: string } {
  const slash = path.indexOf('/');
  if (slash <= 0 || slash === path.length - 1) {
    throw new PermanentError(`storage path ${JSON.stringify(path)}: expected <file system>/<path>`, {
      code: 'bad-path',
    });
  }
  return { fileSystem: path.slice(0, slash), rest: path.slice(slash + 1) };
}

function isNotFound(error: unknown): boolean {
  return error instanceof PermanentError && error.code === 'not-found';
}

function bare(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
