/** The zip reader: every legal file, and every way to break one. */
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { TransientError } from '../../../../shared/errors.ts';
import { expand, generous, type Landed, landed, list } from './landed.ts';

const text = Buffer.from(Array.from({ length: 12 }, (_, at) => `tt${at * 7919}\tTitle ${at}\t\\N\n`).join(''));
const basics = 'title.basics.tsv';

interface Member {
  readonly name: string;
  readonly content?: Uint8Array;
  readonly compress?: boolean;
  readonly forceZip64Format?: boolean;
}

/** A zip by yazl. */
async function zip(members: readonly Member[], comment = ''): Promise<Buffer> {
  const file = new ZipFile();
  for (const { name, content = text, compress = true, forceZip64Format = false } of members) {
    if (name.endsWith('/')) file.addEmptyDirectory(name);
    else file.addBuffer(Buffer.from(content), name, { compress, forceZip64Format, mtime: new Date(1e12) });
  }
  file.end({ comment, forceZip64Format: members.some(member => member.forceZip64Format) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.outputStream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const inZip = (content: Uint8Array, chunkBytes = 50): Landed => landed('imdb.zip', content, { chunkBytes });

/** The code that listing and reading an archive fails with; undefined where it does not. */
async function refusal(content: Uint8Array): Promise<string | undefined> {
  const file = inZip(content);
  const failure = await expand(file).then(
    () => undefined,
    error => error,
  );
  expect(file.openReads).toBe(0);
  if (failure !== undefined) expect(failure, String(failure)).toMatchObject({ kind: 'permanent' });
  return failure?.code;
}

/** Fields of the one entry's headers, by their place in the local (section 4.3.7) and the central one (4.3.12). */
const fields = {
  flags: { local: 6, central: 8, bytes: 2 },
  method: { local: 8, central: 10, bytes: 2 },
  crc: { local: 14, central: 16, bytes: 4 },
  compressedSize: { local: 18, central: 20, bytes: 4 },
  size: { local: 22, central: 24, bytes: 4 },
} as const;

/** Writes a value into both headers of the first entry. */
function forge(content: Uint8Array, field: keyof typeof fields, value: number): Buffer {
  const forged = Buffer.from(content);
  const { local, central, bytes } = fields[field];
  forged.writeUIntLE(value, local, bytes);
  forged.writeUIntLE(value, forged.indexOf('PK\u0001\u0002') + central, bytes);
  return forged;
}

/** Writes another name of the same length wherever the old one stands. */
function rename(content: Uint8Array, from: string, to: string): Buffer {
  return Buffer.from(Buffer.from(content).toString('latin1').replaceAll(from, to), 'latin1');
}

describe('what zip allows', () => {
  test('any content, stored or deflated, zip64 or not, with a comment or not, in any pieces', async () => {
    const member = { content: fc.uint8Array({ maxLength: 3000 }), compress: fc.boolean() };
    await fc.assert(
      fc.asyncProperty(
        fc.record(member),
        fc.record(member),
        fc.record({
          forceZip64Format: fc.boolean(),
          comment: fc.string({ unit: fc.constantFrom('a', 'P', 'K', ' ') }),
        }),
        fc.integer({ min: 1, max: 4000 }),
        async (first, second, { forceZip64Format, comment }, chunkBytes) => {
          const note = { name: 'notes/title.md', content: Buffer.from('note') };
          const [one, two] = [
            { ...first, name: 'imdb/title.crew.tsv', forceZip64Format },
            { ...second, name: 'imdb/ü/name.basics.csv', forceZip64Format },
          ];
          const file = inZip(await zip([{ name: 'imdb/' }, note, one, two], comment), chunkBytes);
          expect(await list(file)).toEqual([
            { name: one.name, dataSet: 'title.crew', format: 'tsv' },
            { name: two.name, dataSet: 'name.basics', format: 'csv' },
          ]);
          expect(await expand(file, generous, 'title.crew')).toEqual(Buffer.from(first.content));
          expect(await expand(file, generous, 'name.basics')).toEqual(Buffer.from(second.content));
        },
      ),
    );
  });

  test('what is no data set is left alone, a folder or an archive in the archive too', async () => {
    const names = ['readme.txt', `${basics}/`, `${basics}.gz`, '__MACOSX/._title.basics.tsv', 'title.other.tsv'];
    expect(await list(inZip(await zip(names.map(name => ({ name })))))).toEqual([]);
  });

  test('of a large one a few reads from the end suffice for listing', async () => {
    const content = Buffer.alloc(3_000_000, 'stored');
    const file = inZip(await zip([{ name: basics, content, compress: false }, { name: 'title.crew.tsv' }]), 64 * 1024);
    expect(await list(file)).toHaveLength(2);
    expect(file.bytesRead).toBeLessThan(200_000);
    expect(await expand(file, generous, 'title.crew')).toEqual(text);
    expect(file.bytesRead).toBeLessThan(800_000);
  });
});

describe('names that lead elsewhere refuse the whole archive', () => {
  test.each([
    '../title.basics.tsv',
    'x/../../basics.tsv1',
    '/etc/title.basics.t',
    'C:/title.basics.tsv',
    'c:title.basics.tsvx',
    'imdb\\title.basics.t',
    '..\\title.basics.ts1',
  ])('%s', async name => {
    const honest = 'xx/title.basics.tsv';
    const hostile = rename(await zip([{ name: 'title.crew.tsv' }, { name: honest }]), honest, name);
    await expect(list(inZip(hostile))).rejects.toMatchObject({ kind: 'permanent', code: 'hostile-name' });
    await expect(list(inZip(hostile))).rejects.toThrow(`archive imdb.zip, entry ${JSON.stringify(name)}: `);
  });

  test('dots that lead nowhere are fine', async () => {
    expect(await refusal(await zip([{ name: `a..b/.../${basics}` }]))).toBeUndefined();
  });
});

describe('what is refused', () => {
  test.each(['title.basics.tsv', 'TITLE.BASICS.TSV', 'b/title.basics.csv'])('a/%s beside another', async name => {
    const other = `a/${basics}`;
    const listing = list(inZip(await zip([{ name: other }, { name: `b/${name}` }])));
    await expect(listing).rejects.toMatchObject({ kind: 'permanent', code: 'two-claims' });
    await expect(listing).rejects.toThrow(`archive imdb.zip: "${other}" and "b/${name}" both claim to be title.basics`);
  });

  test('an encrypted data set, not an encrypted note', async () => {
    const [first, note] = await Promise.all([zip([{ name: basics }]), zip([{ name: 'note.txt' }, { name: basics }])]);
    expect(await refusal(forge(first, 'flags', 1))).toBe('encrypted');
    expect(await refusal(forge(note, 'flags', 1))).toBeUndefined();
    expect(await refusal(forge(first, 'flags', 0x41))).toBe('bad-archive');
  });

  test.each([true, false])('a file cut anywhere (deflated: %s)', async compress => {
    const whole = await zip([{ name: basics, compress }]);
    for (let cut = 0; cut < whole.length; cut += 1) {
      expect(await refusal(whole.subarray(0, cut)), `cut at ${cut}`).toBe('bad-archive');
    }
  });

  test('a file with bytes after its end', async () => {
    expect(await refusal(Buffer.concat([await zip([{ name: basics }]), Buffer.from('x')]))).toBe('bad-archive');
  });

  test.each([true, false])('any bit of the data flipped (deflated: %s)', async compress => {
    const whole = await zip([{ name: basics, compress }]);
    const start = whole.indexOf(basics) + basics.length + whole.readUInt16LE(28);
    const end = whole.indexOf('PK\u0001\u0002');
    const codes = new Set<string>();
    for (let bit = start * 8; bit < end * 8; bit += 1) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const outcome = await expand(inZip(damaged)).catch(error => String(error.code));
      if (typeof outcome === 'string') codes.add(outcome);
      else expect(outcome.equals(text), `bit ${bit}`).toBe(true);
    }
    expect([...codes].sort()).toEqual(compress ? ['bad-archive', 'bad-crc', 'truncated'] : ['bad-crc']);
  });

  test('any bit of a header flipped: an error, nothing, or the very same bytes', async () => {
    const whole = await zip([{ name: basics }]);
    const central = whole.indexOf('PK\u0001\u0002');
    const local = Array.from({ length: 30 + basics.length }, (_, at) => at);
    const rest = Array.from({ length: whole.length - central }, (_, at) => central + at);
    for (const bit of [...local, ...rest].flatMap(at => [0, 1, 2, 3, 4, 5, 6, 7].map(place => at * 8 + place))) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const file = inZip(damaged, 1000);
      const outcome: unknown = await list(file)
        .then((entries): unknown => (entries.length === 0 ? 'nothing' : expand(file)))
        .catch(error => error);
      if (outcome instanceof Buffer) expect(outcome.equals(text), `bit ${bit}`).toBe(true);
      else if (outcome !== 'nothing') expect(outcome, `bit ${bit}: ${outcome}`).toMatchObject({ kind: 'permanent' });
    }
  });

  test('another CRC than that of the bytes', async () => {
    const forged = forge(await zip([{ name: basics }]), 'crc', 0x12345678);
    expect(await refusal(forged)).toBe('bad-crc');
    const actual = crc32(text).toString(16).padStart(8, '0');
    await expect(expand(inZip(forged))).rejects.toThrow(
      `archive imdb.zip, entry "title.basics.tsv": expected the CRC 12345678, got ${actual}`,
    );
  });

  test('sizes that are not those of the bytes', async () => {
    const [deflated, stored] = await Promise.all([zip([{ name: basics }]), zip([{ name: basics, compress: false }])]);
    const packed = deflateRawSync(text).length;
    expect(await refusal(forge(deflated, 'size', text.length + 1))).toBe('bad-archive');
    expect(await refusal(forge(deflated, 'size', text.length - 1))).toBe('bad-archive');
    expect(await refusal(forge(deflated, 'compressedSize', packed - 1))).toBe('truncated');
    expect(await refusal(forge(deflated, 'compressedSize', packed + 1))).toBe('bad-archive');
    expect(await refusal(forge(deflated, 'compressedSize', 1_000_000))).toBe('bad-archive');
    expect(await refusal(forge(stored, 'size', text.length - 1))).toBe('bad-archive');
    expect(await refusal(forge(forge(stored, 'size', 5), 'compressedSize', 5))).toBe('bad-crc');
  });

  test('an entry whose own header gives another name', async () => {
    const whole = await zip([{ name: basics }]);
    whole.write('title.ratings', 30);
    expect(await refusal(whole)).toBe('bad-archive');
  });

  test('entries that share their bytes', async () => {
    const whole = await zip([{ name: 'title.crew.tsv' }, { name: 'title.akas.tsv' }]);
    const second = whole.lastIndexOf('PK\u0001\u0002');
    whole.writeUInt32LE(0, second + 42);
    expect(await refusal(whole)).toBe('bad-archive');
    await expect(list(inZip(whole))).rejects.toThrow('"title.akas.tsv" starts at byte 0, inside the one before');
  });

  test('more entries than any delivery has', async () => {
    const whole = await zip([{ name: basics }]);
    whole.writeUInt16LE(60_000, whole.length - 12);
    await expect(list(inZip(whole))).rejects.toThrow('it says that it has 60000 entries, expected at most 10000');
  });
});

describe('a bomb', () => {
  const zeros = Buffer.alloc(20_000_000);

  test('that says its size is refused before its data are read', async () => {
    const content = Buffer.alloc(3_000_000, 'stored');
    const file = inZip(await zip([{ name: basics, content, compress: false }]), 1000);
    const expanding = expand(file, { maxBytes: content.length - 1, maxRatio: 1e6 });
    await expect(expanding).rejects.toMatchObject({ kind: 'permanent', code: 'bomb' });
    expect(file.bytesRead).toBeLessThan(200_000);
  });

  test('that lies about its size is left when it is past it', async () => {
    const file = inZip(forge(await zip([{ name: basics, content: zeros }]), 'size', 1000), 1000);
    await list(file);
    const before = file.bytesRead;
    await expect(expand(file)).rejects.toMatchObject({ code: 'bad-archive' });
    expect(file.bytesRead - before).toBeLessThan(2 * before + 5000);
    expect(file.openReads).toBe(0);
  });

  test('of too high a ratio is left once 64 MiB have come out', async () => {
    const file = inZip(await zip([{ name: basics, content: Buffer.alloc(100_000_000) }]), 1000);
    await expect(expand(file, { maxBytes: 1e12, maxRatio: 100 })).rejects.toMatchObject({ code: 'bomb' });
  });
});

test('what breaks the landing is not blamed on the archive', async () => {
  const whole = await zip([{ name: basics, compress: false }]);
  const failure = new TransientError('the landing is away');
  const file = landed('imdb.zip', whole, { chunkBytes: 5, failure, breaksAt: whole.length });
  await expect(list(file)).rejects.toBe(failure);
});
