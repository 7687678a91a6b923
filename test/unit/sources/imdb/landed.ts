import type { ArchiveEntry, ExpansionLimits } from '../../../../shared/sources/imdb/archive/archive-entry.ts';
import { listEntries, openEntry } from '../../../../shared/sources/imdb/archive/archives.ts';
import type { Landing, LandingFile } from '../../../../shared/sources/imdb/landing.ts';

/** One file that has landed, and how it is read. */
export interface Landed {
  readonly file: LandingFile;
  readonly landing: Landing;
  /** Bytes given out so far. */
  readonly bytesRead: number;
  /** Readings that were neither read to their end nor left. */
  readonly openReads: number;
}

export interface LandedOptions {
  /** Bytes per chunk. Default 64 KiB, as a socket gives them. */
  readonly chunkBytes?: number;
  /** Thrown instead of the bytes from `breaksAt` on. */
  readonly failure?: Error;
  readonly breaksAt?: number;
}

export function landed(path: string, content: Uint8Array, options: LandedOptions = {}): Landed {
  const { chunkBytes = 64 * 1024, failure, breaksAt = content.length } = options;
  const state = { bytesRead: 0, openReads: 0 };
  const landing: Landing = {
    async *list() {},
    async *read(_, { start, end } = { start: 0, end: content.length }) {
      state.openReads += 1;
      try {
        for (let at = start; at < end; at += chunkBytes) {
          if (failure !== undefined && at + chunkBytes > breaksAt) throw failure;
          const chunk = content.subarray(at, Math.min(end, at + chunkBytes));
          state.bytesRead += chunk.length;
          yield chunk;
        }
      } finally {
        state.openReads -= 1;
      }
    },
  };
  const file = { path, bytes: content.length, etag: '0x1', modifiedAt: '2026-01-31T00:00:00.000Z' };
  return {
    file,
    landing,
    get bytesRead() {
      return state.bytesRead;
    },
    get openReads() {
      return state.openReads;
    },
  };
}

export const generous: ExpansionLimits = { maxBytes: 1024 ** 4, maxRatio: 2000 };

export function list({ file, landing }: Landed): Promise<readonly ArchiveEntry[]> {
  return listEntries(file, landing);
}

/** The bytes of the only data set, or of the one named. */
export async function expand(from: Landed, limits = generous, dataSet?: string): Promise<Buffer> {
  const entries = await list(from);
  const entry = entries.find(candidate => dataSet === undefined || candidate.dataSet === dataSet);
  if (entry === undefined) throw new Error(`${from.file.path} holds no ${dataSet ?? 'data set'}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of openEntry(from.file, entry, from.landing, limits)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
