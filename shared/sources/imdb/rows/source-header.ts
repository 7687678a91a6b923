/** The header of a data set: what its file is written in, and the names of its columns. */
import { archiveError } from '../archive/archive-errors.ts';

/** The UTF-8 form of U+FEFF. */
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Takes the byte-order mark off the start of a file, where it has one. @throws PermanentError `utf-16` */
export async function withoutMark(
  chunks: AsyncIterable<Uint8Array>,
  archive: string,
): Promise<{ readonly hasMark: boolean; readonly rest: AsyncIterable<Uint8Array> }> {
  const source = chunks[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < byteOrderMark.length) {
    const next = await source.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  const mark = start.toString('hex', 0, 2);
  if (mark === 'fffe' || mark === 'feff') {
    throw archiveError(archive, `expected UTF-8, found the byte-order mark of UTF-16 (${mark})`, { code: 'utf-16' });
  }
  const hasMark = byteOrderMark.equals(start.subarray(0, byteOrderMark.length));
  async function* rest(): AsyncIterable<Uint8Array> {
    yield hasMark ? start.subarray(byteOrderMark.length) : start;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }
  return { hasMark, rest: rest() };
}

/** Every column takes memory of its own; the widest IMDb file has nine. */
const maxColumns = 256;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The names of a header from their bytes. Two names that differ in case only are one to most engines that read the lake.
 * @throws PermanentError `utf-16`, `bad-header`
 */
export function columnNames(fields: readonly Uint8Array[], archive: string): readonly string[] {
  if (fields.length > maxColumns) {
    throw headerError(archive, `expected at most ${maxColumns} names, got ${fields.length}`);
  }
  const names = fields.map((field, index) => {
    if (field.includes(0)) {
      throw archiveError(archive, 'expected UTF-8, found NUL bytes in the header as in UTF-16', { code: 'utf-16' });
    }
    try {
      return decoder.decode(field);
    } catch (cause) {
      throw headerError(archive, `name ${index + 1} is not valid UTF-8`, cause);
    }
  });
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name === '') throw headerError(archive, `name ${index + 1} is empty`);
    if (name.startsWith('_')) {
      throw headerError(archive, `name ${index + 1}, ${JSON.stringify(name)}, begins with "_" as our own columns do`);
    }
    if (seen.has(name.toLowerCase())) {
      throw headerError(archive, `name ${index + 1}, ${JSON.stringify(name)}, is there twice`);
    }
    seen.add(name.toLowerCase());
  }
  return names;
}

export function headerError(archive: string, problem: string, cause?: unknown): Error {
  return archiveError(archive, `header: ${problem}`, { code: 'bad-header', cause });
}
