/** One entry of a zip, expanded. */
import { crc32 } from 'node:zlib';
import type { Landing, LandingFile } from '../landing.ts';
import type { ExpansionLimits } from './archive-entry.ts';
import { archiveError, archiveName, checkCrc } from './archive-errors.ts';
import { ByteSource } from './byte-source.ts';
import { tooLarge, withinLimits } from './expansion.ts';
import { inflated } from './inflate.ts';
import { type ZipEntry, zipDirectory } from './zip.ts';

/**
 * The bytes of an entry, stored or deflated, checked against size and CRC-32 that the directory gives: nothing is proved before
 * the end is reached.
 * @throws PermanentError `truncated`, `bad-crc`, `bad-archive`, `bomb`
 */
export async function* unzipped(
  file: LandingFile,
  name: string,
  landing: Landing,
  limits: ExpansionLimits,
): AsyncIterable<Uint8Array> {
  const archive = archiveName(file, name);
  const entry = (await zipDirectory(file, landing)).find(candidate => candidate.name === name);
  if (entry === undefined) throw archiveError(archive, 'there is no such entry', { code: 'bad-archive' });
  if (entry.bytes > limits.maxBytes) throw tooLarge(entry.bytes, limits, archive);
  const start = await entry.dataStart();
  const source = new ByteSource(landing.read(file, { start, end: start + entry.compressedBytes }));
  try {
    yield* withinLimits(verified(source, entry, archive), () => source.position, limits, archive);
  } finally {
    await source.close();
  }
}

async function* verified(source: ByteSource, entry: ZipEntry, archive: string): AsyncIterable<Uint8Array> {
  let crc = 0;
  let size = 0;
  for await (const chunk of decoded(source, entry, archive)) {
    crc = crc32(chunk, crc);
    size += chunk.length;
    if (size > entry.bytes) break;
    yield chunk;
  }
  if (size !== entry.bytes) {
    const problem = `expected ${entry.bytes} bytes, as the directory says, got ${size > entry.bytes ? 'more' : size}`;
    throw archiveError(archive, problem, { code: 'bad-archive' });
  }
  checkCrc(entry.crc, crc, archive);
  if (await source.isAtEnd()) return;
  const problem = `its data ends after ${source.position} of ${entry.compressedBytes} bytes`;
  throw archiveError(archive, problem, { code: 'bad-archive' });
}

function decoded(source: ByteSource, { method }: ZipEntry, archive: string): AsyncIterable<Uint8Array> {
  if (method === 0) return source.rest();
  if (method === 8) return inflated(source, archive);
  const problem = `compression method ${method} is not known here, expected stored (0) or deflate (8)`;
  throw archiveError(archive, problem, { code: 'bad-archive' });
}
