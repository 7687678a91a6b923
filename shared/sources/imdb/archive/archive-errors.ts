import { PermanentError } from '../../../errors.ts';
import type { LandingFile } from '../landing.ts';

/** An archive, or one entry of it, as messages name it. */
export function archiveName(file: LandingFile, entryName: string | null = null): string {
  return entryName === null ? `archive ${file.path}` : `archive ${file.path}, entry ${JSON.stringify(entryName)}`;
}

/** What is said of an archive that cannot be trusted: nothing of it is kept, and only another upload helps. */
export function archiveError(
  archive: string,
  problem: string,
  details: { readonly code: string; readonly cause?: unknown },
): PermanentError {
  return new PermanentError(`${archive}: ${problem}; mend the file and upload it again`, details);
}

/** `truncated`: the bytes stop at `atByte`, where more are needed. */
export function endsEarly(archive: string, atByte: number, cause?: unknown): PermanentError {
  return archiveError(archive, `it ends too early, at byte ${atByte}`, { code: 'truncated', cause });
}

/** Compares what the archive says with what came out. @throws PermanentError `bad-crc` */
export function checkCrc(expected: number, actual: number, archive: string): void {
  if (expected === actual) return;
  const problem = `expected the CRC ${hex(expected)}, got ${hex(actual)}`;
  throw archiveError(archive, problem, { code: 'bad-crc' });
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
