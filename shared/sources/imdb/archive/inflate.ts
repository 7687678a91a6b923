import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { errorMessage } from '../../../errors.ts';
import { archiveError, endsEarly } from './archive-errors.ts';
import type { ByteSource } from './byte-source.ts';

/** Expanded bytes per chunk, at most: about what comes out of the 64 KiB that a socket gives. */
const chunkSize = 256 * 1024;

/**
 * Expands one deflate stream (RFC 1951), on the thread pool. The source is then at the first byte after it.
 * @throws PermanentError `truncated` when the source ends first, `bad-archive` when its bytes are no deflate stream
 */
export async function* inflated(source: ByteSource, archive: string): AsyncIterable<Uint8Array> {
  const engine = createInflateRaw({ chunkSize });
  const feeding = feed(engine, source);
  // What breaks the source ends the expanding, and is what its reader gets to see.
  feeding.catch((error: Error) => engine.destroy(error));
  try {
    yield* engine;
    await feeding;
  } catch (error) {
    throw inflateError(error, source, archive);
  } finally {
    engine.destroy();
  }
}

/** Only the engine knows where a stream ends: it then stops taking bytes. */
async function feed(engine: InflateRaw, source: ByteSource): Promise<void> {
  for (;;) {
    const chunk = await source.next();
    if (chunk === undefined) {
      engine.end();
      return;
    }
    const before = engine.bytesWritten;
    await written(engine, chunk);
    const taken = engine.bytesWritten - before;
    if (taken < chunk.length) {
      source.giveBack(chunk.subarray(taken));
      return;
    }
  }
}

function written(engine: InflateRaw, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  engine.write(chunk, error => (error ? reject(error) : resolve()));
  return promise;
}

/** By zlib's own words; what is not about the bytes, such as a source that broke, stays what it is. */
function inflateError(error: unknown, source: ByteSource, archive: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return endsEarly(archive, source.position, error);
  if (code === 'Z_DATA_ERROR') {
    return archiveError(archive, `its data is damaged before byte ${source.position} (${errorMessage(error)})`, {
      code: 'bad-archive',
      cause: error,
    });
  }
  return error;
}
