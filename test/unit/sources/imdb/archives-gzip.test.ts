/** The gzip reader: every legal file, and every way to break one. */
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../../shared/errors.ts';
import { openEntry } from '../../../../shared/sources/imdb/archive/archives.ts';
import { expand, generous, landed } from './landed.ts';

const path = 'title.basics.tsv.gz';
const entry = { name: null, dataSet: 'title.basics', format: 'tsv' } as const;

const text = Buffer.from(Array.from({ length: 12 }, (_, at) => `tt${at * 7919}\tTitle ${at}\t\\N\n`).join(''));
/** Three members, the second one empty. */
const members = [gzipSync(text.subarray(0, 90)), gzipSync(''), gzipSync(text.subarray(90))];
const archive = Buffer.concat(members);

interface HeaderFields {
  readonly extra?: Uint8Array | undefined;
  readonly name?: string | undefined;
  readonly comment?: string | undefined;
  readonly headerCrc: boolean;
}

/** A member with the optional fields that RFC 1952 allows and few programs write. */
function memberWith(content: Uint8Array, { extra, name, comment, headerCrc }: HeaderFields): Buffer {
  const flags =
    (headerCrc ? 2 : 0) |
    (extra === undefined ? 0 : 4) |
    (name === undefined ? 0 : 8) |
    (comment === undefined ? 0 : 16);
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255])];
  if (extra !== undefined) parts.push(Buffer.from([extra.length & 255, extra.length >> 8]), extra);
  if (name !== undefined) parts.push(Buffer.from(`${name}\0`, 'latin1'));
  if (comment !== undefined) parts.push(Buffer.from(`${comment}\0`, 'latin1'));
  const header = Buffer.concat(parts);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(header) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, headerCrc ? sum : Buffer.alloc(0), deflateRawSync(content), trailer]);
}

describe('what gzip allows', () => {
  test('any number of members, at any level, read in any pieces', async () => {
    const part = fc.record({ content: fc.uint8Array({ maxLength: 2000 }), level: fc.integer({ min: 0, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 3000 }),
        async (parts, chunkBytes) => {
          const packed = Buffer.concat(parts.map(({ content, level }) => gzipSync(content, { level })));
          const expanded = await expand(landed(path, packed, { chunkBytes }));
          expect(expanded).toEqual(Buffer.concat(parts.map(({ content }) => content)));
        },
      ),
    );
  });

  test('any optional field in a header', async () => {
    const latin = fc.string({ unit: fc.constantFrom('a', 'é', '.', ' ', '\n'), maxLength: 40 });
    const fields = fc.record({
      extra: fc.option(fc.uint8Array({ maxLength: 700 }), { nil: undefined }),
      name: fc.option(latin, { nil: undefined }),
      comment: fc.option(latin, { nil: undefined }),
      headerCrc: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fields, fc.integer({ min: 1, max: 64 }), async (given, chunkBytes) => {
        const packed = Buffer.concat([memberWith(text, given), memberWith(text, given)]);
        // Node's own reader vouches for the test's writer.
        expect(await expand(landed(path, packed, { chunkBytes }))).toEqual(gunzipSync(packed));
      }),
    );
  });

  test('much more than one chunk', async () => {
    const large = Buffer.alloc(5_000_000);
    for (let at = 0; at < large.length; at += 4) large.writeUInt32LE(Math.imul(at, 2654435761) >>> 12, at);
    const file = landed(path, gzipSync(large, { level: 1 }));
    expect((await expand(file)).equals(large)).toBe(true);
  });
});

describe('what is refused', () => {
  const refusal = async (content: Uint8Array): Promise<{ kind?: string; code?: string; message?: string }> => {
    const file = landed(path, content, { chunkBytes: 50 });
    const failure = await expand(file).then(
      () => ({}),
      error => error,
    );
    expect(file.openReads).toBe(0);
    return failure;
  };

  test('a file cut anywhere but where a member ends', async () => {
    const ends = new Set(members.map((_, at) => Buffer.concat(members.slice(0, at + 1)).length));
    for (let cut = 0; cut < archive.length; cut += 1) {
      const { kind, code } = await refusal(archive.subarray(0, cut));
      const expected = ends.has(cut) ? { kind: undefined } : { kind: 'permanent', code: 'truncated' };
      expect({ kind, code }, `cut at ${cut}`).toMatchObject(expected);
    }
  });

  test('a header with every optional field, cut anywhere', async () => {
    const extra = Buffer.from('extra');
    const packed = memberWith(text, { extra, name: 'a.tsv', comment: 'why not', headerCrc: true });
    for (let cut = 0; cut < 40; cut += 1) {
      expect(await refusal(packed.subarray(0, cut)), `cut at ${cut}`).toMatchObject({ code: 'truncated' });
    }
  });

  test('any bit flipped: an error, or the very same bytes', async () => {
    const codes = new Map<string, number>();
    for (let bit = 0; bit < archive.length * 8; bit += 1) {
      const damaged = Buffer.from(archive);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const outcome = await expand(landed(path, damaged)).catch(error => {
        expect(error.kind, `bit ${bit}: ${error}`).toBe('permanent');
        return String(error.code);
      });
      if (outcome instanceof Buffer) expect(outcome.equals(text), `bit ${bit}`).toBe(true);
      const key = typeof outcome === 'string' ? outcome : 'harmless';
      codes.set(key, (codes.get(key) ?? 0) + 1);
    }
    expect([...codes.keys()].sort()).toEqual(['bad-archive', 'bad-crc', 'harmless', 'truncated']);
    // Per member: time, system and level in 6 bytes, a flag for text that nobody heeds, up to 7 bits that fill the last byte.
    expect(codes.get('harmless')).toBeLessThanOrEqual(3 * (6 * 8 + 1 + 7));
  });

  test('a CRC that is not that of the bytes, saying where and which', async () => {
    const damaged = Buffer.from(archive);
    damaged.writeUInt32LE(0x12345678, archive.length - 8);
    const start = archive.length - (members[2]?.length ?? 0);
    expect(await refusal(damaged)).toMatchObject({
      kind: 'permanent',
      code: 'bad-crc',
      message:
        `archive title.basics.tsv.gz, gzip member at byte ${start}: expected the CRC 12345678, got ` +
        `${crc32(text.subarray(90)).toString(16).padStart(8, '0')}; mend the file and upload it again`,
    });
  });

  test('a size that is not that of the bytes', async () => {
    const damaged = Buffer.from(archive);
    damaged.writeUInt32LE(7, archive.length - 4);
    expect(await refusal(damaged)).toMatchObject({ kind: 'permanent', code: 'bad-archive' });
  });

  test.each([
    ['zeros', Buffer.alloc(600)],
    ['text', Buffer.from('and more')],
    ['a zip', Buffer.from('PK\u0003\u0004')],
  ])('%s after the last member, which some readers drop without a word', async (_, rest) => {
    const failure = await refusal(Buffer.concat([archive, rest]));
    expect(failure).toMatchObject({ kind: 'permanent', code: 'bad-archive' });
    expect(failure.message).toContain(
      `member at byte ${archive.length}: expected 1f8b08 or the end of the file, found`,
    );
  });

  test.each([0x20, 0x40, 0x80])('a member with the reserved flag %i', async flag => {
    const damaged = Buffer.from(archive);
    damaged[3] = flag;
    expect(await refusal(damaged)).toMatchObject({ kind: 'permanent', code: 'bad-archive' });
  });

  test('text under the name of an archive', async () => {
    expect(await refusal(text)).toMatchObject({ kind: 'permanent', code: 'bad-archive' });
  });
});

describe('a bomb', () => {
  const zeros = gzipSync(Buffer.alloc(10_000_000));
  const bomb = Buffer.concat(Array.from({ length: 40 }, () => zeros));

  test('of too many bytes is left at once', async () => {
    const file = landed(path, bomb, { chunkBytes: 1000 });
    const expanding = expand(file, { maxBytes: 50_000_000, maxRatio: 1e6 });
    await expect(expanding).rejects.toMatchObject({ kind: 'permanent', code: 'bomb' });
    expect(file.bytesRead).toBeLessThan(6 * zeros.length);
    expect(file.openReads).toBe(0);
  });

  test('of too high a ratio is left once 64 MiB have come out', async () => {
    const file = landed(path, bomb, { chunkBytes: 1000 });
    const expanding = expand(file, { maxBytes: 1e12, maxRatio: 100 });
    await expect(expanding).rejects.toMatchObject({ kind: 'permanent', code: 'bomb' });
    expect(file.bytesRead).toBeLessThan(8 * zeros.length);
  });

  test('is none below 64 MiB, nor at the very limit', async () => {
    expect(await expand(landed(path, zeros), { maxBytes: 10_000_000, maxRatio: 1 })).toHaveLength(10_000_000);
    const over = expand(landed(path, zeros), { maxBytes: 9_999_999, maxRatio: 1 });
    await expect(over).rejects.toThrow('expected at most 9999999');
  });

  test('may be plain', async () => {
    const plain = landed('title.basics.tsv', text);
    await expect(expand(plain, { maxBytes: 10, maxRatio: 100 })).rejects.toMatchObject({ code: 'bomb' });
  });
});

test('what breaks the landing is not blamed on the archive', async () => {
  const failure = new TransientError('the landing is away');
  for (const breaksAt of [0, 5, 40, archive.length]) {
    const file = landed(path, archive, { chunkBytes: 5, failure, breaksAt });
    await expect(expand(file)).rejects.toBe(failure);
  }
});

test('a reader that leaves early lets go of the landing', async () => {
  const file = landed(path, gzipSync(Buffer.alloc(5_000_000)), { chunkBytes: 100 });
  for await (const _ of openEntry(file.file, entry, file.landing, generous)) break;
  expect(file.openReads).toBe(0);
  expect(file.bytesRead).toBeLessThan(2000);
});
