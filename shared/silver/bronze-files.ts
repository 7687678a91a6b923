/** Brings bronze files near for DuckDB, and makes sure they are what the extract wrote. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { PermanentError } from '../errors.ts';
import type { BronzeFile } from '../sources/mssql/extract-table.ts';
import type { LakeStore } from '../storage/store.ts';

/**
 * Local copies, in the order given. `folder` exists and is the caller's to remove.
 * @throws PermanentError `bronze-changed` when a file is not, byte for byte, what its receipt says
 */
export async function fetchBronze(
  files: readonly BronzeFile[],
  { store, folder }: { readonly store: LakeStore; readonly folder: string },
): Promise<readonly string[]> {
  const local: string[] = [];
  for (const [index, file] of files.entries()) {
    const path = join(folder, `bronze-${index}.csv`);
    const seen = { bytes: 0, crc32: 0 };
    await pipeline(
      store.readStream(file.path),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          seen.bytes += chunk.length;
          seen.crc32 = crc32(chunk, seen.crc32);
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    if (seen.bytes !== file.bytes || seen.crc32 !== file.crc32) {
      throw new PermanentError(
        `${file.path}: expected ${file.bytes} bytes with CRC-32 ${file.crc32} as extracted, got ${seen.bytes} with ${seen.crc32}; bronze is immutable, so extract the window again`,
        { code: 'bronze-changed' },
      );
    }
    local.push(path);
  }
  return local;
}
