import { ConflictError, PermanentError } from '../../../../shared/errors.ts';
import type { Landing, LandingFile } from '../../../../shared/sources/imdb/landing.ts';

export interface MemoryLanding extends Landing {
  /** Puts a file there, over one that may be there; each time with a new ETag. */
  put(path: string, content: Uint8Array | string): LandingFile;
  remove(path: string): void;
  /** Paths read so far, in order. */
  readonly reads: readonly string[];
}

export function memoryLanding(): MemoryLanding {
  const files = new Map<string, { readonly file: LandingFile; readonly content: Uint8Array }>();
  const reads: string[] = [];
  let writes = 0;
  return {
    reads,
    put(path, content) {
      writes += 1;
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const modifiedAt = new Date(Date.UTC(2026, 0, 31, 0, 0, writes)).toISOString();
      const file = { path, bytes: bytes.length, etag: `0x${writes}`, modifiedAt };
      files.set(path, { file, content: bytes });
      return file;
    },
    remove: path => void files.delete(path),
    async *list() {
      for (const [, { file }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) yield file;
    },
    async *read(file, range) {
      reads.push(file.path);
      const found = files.get(file.path);
      if (found === undefined) throw new PermanentError(`${file.path}: gone`, { code: 'source-gone' });
      if (found.file.etag !== file.etag) throw new ConflictError(`${file.path}: replaced`, { code: 'source-changed' });
      const wanted = range === undefined ? found.content : found.content.subarray(range.start, range.end);
      for (let at = 0; at < wanted.length; at += 64 * 1024) yield wanted.subarray(at, at + 64 * 1024);
    },
  };
}
