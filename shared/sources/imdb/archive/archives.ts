/** The archives that IMDb data sets arrive in: plain, gzip and zip, told apart by name. */
import { createHash } from 'node:crypto';
import type { Landing, LandingFile } from '../landing.ts';
import type { ArchiveEntry, ExpansionLimits } from './archive-entry.ts';
import { archiveError, archiveName } from './archive-errors.ts';
import { ByteSource } from './byte-source.ts';
import { isZip, namedDataSet } from './data-set-names.ts';
import { withinLimits } from './expansion.ts';
import { gunzipped } from './gzip.ts';
import { unzipped } from './unzip.ts';
import { zipDirectory } from './zip.ts';

/**
 * The data sets inside a landing file; none where it is no IMDb file at all. A zip is opened (a few small reads), any other file is
 * told by its name.
 * @throws PermanentError `bad-archive`, `hostile-name`, `encrypted`, `two-claims` about a zip; what `Landing.read` throws
 */
export async function listEntries(file: LandingFile, landing: Landing): Promise<readonly ArchiveEntry[]> {
  if (isZip(file.path)) return zippedDataSets(file, landing);
  const named = namedDataSet(file.path);
  return named === undefined ? [] : [{ name: null, dataSet: named.dataSet, format: named.format }];
}

/** What is no data set is left alone, an archive in the archive too. */
async function zippedDataSets(file: LandingFile, landing: Landing): Promise<readonly ArchiveEntry[]> {
  const found = new Map<string, ArchiveEntry & { readonly name: string }>();
  for (const { name, encrypted } of await zipDirectory(file, landing)) {
    const named = namedDataSet(name);
    if (named?.packing !== 'plain') continue;
    if (encrypted) throw archiveError(archiveName(file, name), 'it is encrypted', { code: 'encrypted' });
    const { dataSet, format } = named;
    const other = found.get(dataSet);
    if (other !== undefined) {
      const problem = `${JSON.stringify(other.name)} and ${JSON.stringify(name)} both claim to be ${dataSet}`;
      throw archiveError(archiveName(file), problem, { code: 'two-claims' });
    }
    found.set(dataSet, { name, dataSet, format });
  }
  return [...found.values()];
}

/**
 * The bytes of a data set, expanded and checked against what the archive says of them. Whole only when the end was reached: an error
 * may come after the last byte.
 * @throws PermanentError `truncated`, `bad-crc`, `bad-archive`, `bomb`; what `Landing.read` throws
 */
export async function* openEntry(
  file: LandingFile,
  entry: ArchiveEntry,
  landing: Landing,
  limits: ExpansionLimits,
): AsyncIterable<Uint8Array> {
  if (entry.name !== null) return yield* unzipped(file, entry.name, landing, limits);
  const archive = archiveName(file);
  const source = new ByteSource(landing.read(file));
  const isGzip = namedDataSet(file.path)?.packing === 'gzip';
  try {
    const content = isGzip ? gunzipped(source, archive) : source.rest();
    yield* withinLimits(content, () => source.position, limits, archive);
  } finally {
    await source.close();
  }
}

/** SHA-256 of a landing file's bytes, in hex: tells a file that was uploaded again from one that changed. */
export async function contentHash(file: LandingFile, landing: Landing): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of landing.read(file)) hash.update(chunk);
  return hash.digest('hex');
}
