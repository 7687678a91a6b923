/** A landing that remembers the SHA-256 of every file it gave out whole, so that knowing it costs no second read. */
import { createHash } from 'node:crypto';
import { contentHash } from './archive/archives.ts';
import type { Landing, LandingFile } from './landing.ts';

export interface HashedLanding extends Landing {
  /** SHA-256 in hex; reads the file where it was not read whole, from first byte to last, before. */
  hashOf(file: LandingFile): Promise<string>;
}

export function hashedLanding(landing: Landing): HashedLanding {
  const hashes = new Map<string, string>();
  return {
    list: () => landing.list(),
    async *read(file, range) {
      if (range !== undefined) return yield* landing.read(file, range);
      const hash = createHash('sha256');
      for await (const chunk of landing.read(file)) {
        hash.update(chunk);
        yield chunk;
      }
      hashes.set(file.path, hash.digest('hex'));
    },
    hashOf: async file => hashes.get(file.path) ?? contentHash(file, landing),
  };
}
