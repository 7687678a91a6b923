/** The gzip format, RFC 1952: one member after another, each with a header, a deflate stream, and a trailer that proves it. */
import { crc32 } from 'node:zlib';
import { archiveError, checkCrc, endsEarly } from './archive-errors.ts';
import type { ByteSource } from './byte-source.ts';
import { inflated } from './inflate.ts';

/** ID1, ID2 and the only compression method there is (section 2.3.1). */
const magic = Buffer.from([0x1f, 0x8b, 0x08]);

/** Bits of the header's FLG. */
const flags = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 };

/**
 * The expanded bytes of all members, in order. CRC-32 and size of a member are checked once its last byte is out: nothing is proved
 * before the end is reached. Bytes after the last member are an error, where other readers drop them silently.
 * @throws PermanentError `truncated`, `bad-crc`, `bad-archive`
 */
export async function* gunzipped(source: ByteSource, archive: string): AsyncIterable<Uint8Array> {
  do {
    const member = `${archive}, gzip member at byte ${source.position}`;
    await skipHeader(source, member);
    let crc = 0;
    let size = 0;
    for await (const chunk of inflated(source, member)) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    const trailer = await takeAll(source, 8, member);
    checkCrc(trailer.readUInt32LE(0), crc, member);
    // ISIZE is the size modulo 2^32.
    if (trailer.readUInt32LE(4) !== size % 2 ** 32) {
      const problem = `expected ${trailer.readUInt32LE(4)} bytes (modulo 2^32), got ${size}`;
      throw archiveError(member, problem, { code: 'bad-archive' });
    }
  } while (!(await source.isAtEnd()));
}

async function skipHeader(source: ByteSource, member: string): Promise<void> {
  const start = await source.take(magic.length);
  if (!magic.subarray(0, start.length).equals(start)) {
    const problem = `expected ${magic.toString('hex')} or the end of the file, found ${start.toString('hex')}`;
    throw archiveError(member, problem, { code: 'bad-archive' });
  }
  source.giveBack(start);

  let crc = 0;
  const read = async (count: number): Promise<Buffer> => {
    const bytes = await takeAll(source, count, member);
    crc = crc32(bytes, crc);
    return bytes;
  };
  // A text ends with a zero byte; nothing else bounds it, so it is not gathered.
  const skipText = async (): Promise<void> => {
    for (let end = 0; end === 0; ) {
      const chunk = await source.next();
      if (chunk === undefined) throw endsEarly(member, source.position);
      end = chunk.indexOf(0) + 1;
      const text = end === 0 ? chunk : chunk.subarray(0, end);
      crc = crc32(text, crc);
      source.giveBack(chunk.subarray(text.length));
    }
  };
  const given = (await read(10)).readUInt8(3);
  if (given & flags.reserved) {
    throw archiveError(member, `expected no reserved flag, found ${given}`, { code: 'bad-archive' });
  }
  if (given & flags.extra) await read((await read(2)).readUInt16LE());
  if (given & flags.name) await skipText();
  if (given & flags.comment) await skipText();
  if (given & flags.headerCrc) {
    const actual = crc & 0xffff;
    checkCrc((await takeAll(source, 2, member)).readUInt16LE(), actual, member);
  }
}

async function takeAll(source: ByteSource, count: number, member: string): Promise<Buffer> {
  const bytes = await source.take(count);
  if (bytes.length === count) return bytes;
  throw endsEarly(member, source.position);
}
