import type { PermanentError } from '../../../errors.ts';
import type { ExpansionLimits } from './archive-entry.ts';
import { archiveError } from './archive-errors.ts';

/** Small archives of much repetition are harmless: the ratio counts from here on. */
const ratioFreeBytes = 64 * 1024 * 1024;

/**
 * Passes expanded bytes on until there are more than an honest archive holds, and then reads no further.
 * `compressedBytes` tells how many bytes went into them so far.
 * @throws PermanentError `bomb`
 */
export async function* withinLimits(
  chunks: AsyncIterable<Uint8Array>,
  compressedBytes: () => number,
  limits: ExpansionLimits,
  archive: string,
): AsyncIterable<Uint8Array> {
  let expanded = 0;
  for await (const chunk of chunks) {
    expanded += chunk.length;
    if (expanded > limits.maxBytes) throw tooLarge(expanded, limits, archive);
    if (expanded > ratioFreeBytes && expanded > limits.maxRatio * compressedBytes()) {
      const problem = `${compressedBytes()} bytes expand to ${expanded} and more, over ${limits.maxRatio} to one`;
      throw archiveError(archive, `${problem}: taken for a bomb`, { code: 'bomb' });
    }
    yield chunk;
  }
}

/** What is said of an archive that is, or says it is, larger than allowed. */
export function tooLarge(expanded: number, limits: ExpansionLimits, archive: string): PermanentError {
  const problem = `it expands to ${expanded} bytes or more, expected at most ${limits.maxBytes}: taken for a bomb`;
  return archiveError(archive, problem, { code: 'bomb' });
}
