/** The central directory of a zip (PKWARE APPNOTE, section 4.3), read in place. The only importer of yauzl. */
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
  type ZipFile,
} from 'yauzl';
import { errorMessage, LakeError } from '../../../errors.ts';
import type { Landing, LandingFile } from '../landing.ts';
import { archiveError, archiveName } from './archive-errors.ts';

/** What the directory says of one entry. */
export interface ZipEntry {
  /** With forward slashes only, relative, never leading out. Ends with a slash for a folder. */
  readonly name: string;
  readonly encrypted: boolean;
  /** 0 is stored, 8 is deflate (section 4.4.5). */
  readonly method: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly crc: number;
  /** Where its compressed bytes start in the file. @throws PermanentError `bad-archive` where its own header says otherwise */
  dataStart(): Promise<number>;
}

/** More than any delivery has; each costs time and memory. */
const maxEntries = 10_000;

/**
 * All entries, by a few small reads from the end of the file.
 * @throws PermanentError `bad-archive`, `hostile-name`
 */
export async function zipDirectory(file: LandingFile, landing: Landing): Promise<readonly ZipEntry[]> {
  const archive = archiveName(file);
  // Names are decoded below, so that a hostile one is told from a damaged directory.
  const options = { autoClose: false, decodeStrings: false };
  try {
    const zip = await fromRandomAccessReaderPromise(new LandingReader(file, landing), file.bytes, options);
    if (zip.entryCount > maxEntries) {
      const problem = `it says that it has ${zip.entryCount} entries, expected at most ${maxEntries}`;
      throw archiveError(archive, problem, { code: 'bad-archive' });
    }
    const headers: Entry[] = [];
    for await (const header of zip.eachEntry()) headers.push(header);
    refuseOverlaps(headers, archive);
    return headers.map(header => zipEntry(zip, header, file));
  } catch (error) {
    throw unreadable(error, archive);
  }
}

function zipEntry(zip: ZipFile, header: Entry, file: LandingFile): ZipEntry {
  const name = getFileNameLowLevel(header.generalPurposeBitFlag, header.fileNameRaw, header.extraFields, true);
  const archive = archiveName(file, name);
  if (validateFileName(name) !== null) {
    throw archiveError(archive, 'expected a relative name with forward slashes', { code: 'hostile-name' });
  }
  return {
    name,
    encrypted: header.isEncrypted(),
    method: header.compressionMethod,
    compressedBytes: header.compressedSize,
    bytes: header.uncompressedSize,
    crc: header.crc32,
    async dataStart() {
      try {
        const local = await zip.readLocalFileHeaderPromise(header);
        if (local.fileName.equals(header.fileNameRaw)) return local.fileDataStart;
        throw new Error(`its own header names it ${JSON.stringify(local.fileName.toString())}`);
      } catch (error) {
        throw unreadable(error, archive);
      }
    },
  };
}

/** Entries that share bytes make a small file expand without end; no honest program writes them. */
function refuseOverlaps(headers: readonly Entry[], archive: string): void {
  let end = 0;
  for (const header of headers.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)) {
    const start = header.relativeOffsetOfLocalHeader;
    if (start < end) {
      const problem = `entry ${JSON.stringify(header.fileNameRaw.toString())} starts at byte ${start}, inside the one before`;
      throw archiveError(archive, problem, { code: 'bad-archive' });
    }
    // A local header has 30 bytes and the name, at least (section 4.3.7).
    end = start + 30 + header.fileNameLength + header.compressedSize;
  }
}

/** yauzl's errors are all about the bytes; ours, of the landing, stay what they are. */
function unreadable(error: unknown, archive: string): LakeError {
  if (error instanceof LakeError) return error;
  const problem = `not a zip that can be read: ${errorMessage(error)}`;
  return archiveError(archive, problem, { code: 'bad-archive', cause: error });
}

/** Bytes fetched at once. yauzl begins with as many from the end, where the directory is. */
const windowBytes = 64 * 1024;

/** A landing file for yauzl. Its many small reads are served from the last window of the file. */
class LandingReader extends RandomAccessReader {
  readonly #file: LandingFile;
  readonly #landing: Landing;
  #window = { start: 0, bytes: Buffer.alloc(0) };

  constructor(file: LandingFile, landing: Landing) {
    super();
    this.#file = file;
    this.#landing = landing;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#bytesAt(position, length).then(bytes => {
      target.set(bytes, offset);
      callback(null);
    }, callback);
  }

  async #bytesAt(position: number, length: number): Promise<Buffer> {
    const end = position + length;
    if (end > this.#file.bytes) throw new Error(`it points to byte ${end} of ${this.#file.bytes}`);
    const { start, bytes } = this.#window;
    if (position < start || end > start + bytes.length) {
      const window = { start: position, end: Math.min(this.#file.bytes, Math.max(end, position + windowBytes)) };
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.#landing.read(this.#file, window)) chunks.push(chunk);
      this.#window = { start: position, bytes: Buffer.concat(chunks) };
    }
    return this.#window.bytes.subarray(position - this.#window.start, end - this.#window.start);
  }
}
