/** The landing container on Blob storage. */
import {
  type BlobItem,
  BlobServiceClient,
  type ContainerClient,
  type ContainerListBlobFlatSegmentResponse,
} from '@azure/storage-blob';
import { ConfigError, ConflictError, type LakeError, PermanentError } from '../errors.ts';
import { defaultRetryPolicy, type RetryEffects, withRetry } from '../retry.ts';
import type { Landing, LandingFile } from '../sources/imdb/landing.ts';
import { oneTry, type StorageAccount, storageCredential } from './storage-account.ts';
import { storageError } from './storage-errors.ts';

/** Where the key of the landing's account comes from. */
const keySetting = 'IMDB_LANDING_ACCOUNT_KEY';

export interface BlobLandingOptions extends StorageAccount {
  readonly container: string;
  readonly effects?: Partial<RetryEffects>;
}

/** A landing over one container, of an account with or without a hierarchical namespace. */
export async function blobLanding({ container, effects, ...account }: BlobLandingOptions): Promise<Landing> {
  const service = new BlobServiceClient(account.url, await storageCredential(account), oneTry);
  const client = service.getContainerClient(container);
  const attempt = <T>(call: () => Promise<T>): Promise<T> => withRetry(call, defaultRetryPolicy, effects);

  return {
    async *list() {
      let continuation: string | undefined;
      do {
        const page = await attempt(() => nextPage(client, continuation));
        for (const blob of page.segment.blobItems) {
          if (isFolder(blob)) continue;
          const { contentLength = 0, etag, lastModified } = blob.properties;
          yield {
            path: blob.name,
            bytes: contentLength,
            etag: etag.replaceAll('"', ''),
            modifiedAt: lastModified.toISOString(),
          };
        }
        continuation = page.continuationToken;
      } while (continuation);
    },

    async *read(file, { start, end } = { start: 0, end: file.bytes }) {
      let position = start;
      let body: AsyncIterator<Uint8Array> | undefined;
      const nextChunk = async (): Promise<Uint8Array> => {
        try {
          body ??= await open(client, file, position, end);
          const { done, value } = await body.next();
          if (done !== true) return value;
          throw new Error(`the answer ends at byte ${position} of ${end}`);
        } catch (error) {
          // The next attempt goes on where this answer broke off.
          body = undefined;
          throw readError(error, file);
        }
      };
      try {
        while (position < end) {
          const chunk = await attempt(nextChunk);
          position += chunk.length;
          yield chunk;
        }
      } finally {
        await body?.return?.();
      }
    },
  };
}

/** One page of the listing; with metadata, which alone tells a folder of a hierarchical namespace from an empty file. */
async function nextPage(
  client: ContainerClient,
  continuationToken: string | undefined,
): Promise<ContainerListBlobFlatSegmentResponse> {
  try {
    const pages = client.listBlobsFlat({ includeMetadata: true }).byPage({ continuationToken });
    return (await pages.next()).value;
  } catch (error) {
    const mapped = storageError(error, 'list', client.containerName, keySetting);
    if (mapped.code !== 'not-found') throw mapped;
    const message = `landing container ${client.containerName}: ${client.accountName} has none of that name`;
    throw new ConfigError(`${message}; create it, or correct IMDB_LANDING_CONTAINER`, {
      code: 'no-container',
      cause: mapped,
    });
  }
}

/** Without a hierarchical namespace some programs mark a folder by an empty blob whose name ends with a slash. */
function isFolder({ name, metadata }: BlobItem): boolean {
  return name.endsWith('/') || metadata?.['hdi_isfolder'] === 'true';
}

async function open(
  client: ContainerClient,
  { path, etag }: LandingFile,
  start: number,
  end: number,
): Promise<AsyncIterator<Uint8Array>> {
  const conditions = { ifMatch: `"${etag}"` };
  const { readableStreamBody } = await client
    .getBlobClient(path)
    .download(start, end - start, { conditions, maxRetryRequests: 0 });
  if (readableStreamBody === undefined) throw new Error('the answer has no body');
  return (readableStreamBody as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
}

function readError(error: unknown, { path, etag }: LandingFile): LakeError {
  const mapped = storageError(error, 'read', path, keySetting);
  if (mapped.code === 'ConditionNotMet') {
    const message = `landing file ${path}: replaced since it was listed, its ETag is no longer ${etag}`;
    return new ConflictError(`${message}; the next run takes the new version`, {
      code: 'source-changed',
      cause: mapped,
    });
  }
  if (mapped.code === 'not-found') {
    const message = `landing file ${path}: deleted since it was listed`;
    return new PermanentError(`${message}; upload it again if that was not meant`, {
      code: 'source-gone',
      cause: mapped,
    });
  }
  return mapped;
}
