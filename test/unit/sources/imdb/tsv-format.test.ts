import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tsvFormat } from '../../../../shared/sources/imdb/rows/tsv-format.ts';
import { type BronzeRow, cut, type ReadSource, readSource } from './bronze-rows.ts';

const read = (body: string | Uint8Array, maxLineBytes?: number, places: readonly number[] = []): Promise<ReadSource> =>
  readSource(cut(Buffer.from(body), places), tsvFormat, maxLineBytes);

const texts = (rows: readonly BronzeRow[]): unknown[] =>
  rows.map(({ line, fields, malformed, reason }) =>
    fields === null ? [line, malformed?.toString('latin1'), reason] : [line, fields.map(String)],
  );

describe('good lines', () => {
  test('keep every field as it is, with its line number', async () => {
    const { columns, rows, counts } = await read('id\ttitle\n1\tSay "hi"\n2\t\\N\n3\t\n4\ta\rb\0c\n5\tlast');
    expect(columns).toEqual(['id', 'title']);
    expect(texts(rows)).toEqual([
      [2, ['1', 'Say "hi"']],
      [3, ['2', '\\N']],
      [4, ['3', '']],
      [5, ['4', 'a\rb\0c']],
      [6, ['5', 'last']],
    ]);
    expect(counts).toEqual({ lines: 5, malformedLines: 0, rows: 5 });
  });

  test('may end in CRLF, where the header does', async () => {
    const { newline, rows } = await read('id\ttitle\r\n1\ta\rb\r\n\t\r\n2\tlast');
    expect(newline).toBe('CRLF');
    expect(texts(rows)).toEqual([
      [2, ['1', 'a\rb']],
      [3, ['', '']],
      [4, ['2', 'last']],
    ]);
  });

  test('of one column may be empty', async () => {
    expect(texts((await read('id\n\n1\n')).rows)).toEqual([
      [2, ['']],
      [3, ['1']],
    ]);
  });

  test('may follow a byte-order mark; one in a field stays', async () => {
    const { columns, byteOrderMark, rows } = await read('\uFEFFid\ttitle\n\uFEFF1\t\uFEFF\n', undefined, [1, 2]);
    expect(columns).toEqual(['id', 'title']);
    expect(byteOrderMark).toBe(true);
    expect(texts(rows)).toEqual([[2, ['\uFEFF1', '\uFEFF']]]);
  });
});

describe('malformed lines', () => {
  test('are kept as they are, with what was expected and got', async () => {
    const { rows, counts } = await read(Buffer.from('id\ttitle\n1\n2\ta\tb\n\n3\tgood\n4\t\xff\n5\tgood\n', 'latin1'));
    expect(texts(rows)).toEqual([
      [2, '1', 'expected 2 fields, got 1'],
      [3, '2\ta\tb', 'expected 2 fields, got 3'],
      [4, '', 'expected 2 fields, got 1'],
      [5, ['3', 'good']],
      [6, '4\t\xff', 'expected UTF-8, but field 2 (title) is not'],
      [7, ['5', 'good']],
    ]);
    expect(counts).toEqual({ lines: 6, malformedLines: 4, rows: 6 });
  });

  test('end in LF where the header ends in CRLF', async () => {
    expect(texts((await read('id\r\n1\n2\r\n\n')).rows)).toEqual([
      [2, '1', 'expected CR LF at its end, got LF'],
      [3, ['2']],
      [4, '', 'expected CR LF at its end, got LF'],
    ]);
  });

  test('that are too long come in pieces', async () => {
    const { rows, counts } = await read('id\n12345678\n123456789\n1\n', 8);
    const reason = 'expected a line of at most 8 bytes, this is piece';
    expect(texts(rows)).toEqual([
      [2, ['12345678']],
      [3, '12345678', `${reason} 1 of a longer one`],
      [3, '9', `${reason} 2 of a longer one`],
      [4, ['1']],
    ]);
    expect(counts).toEqual({ lines: 3, malformedLines: 1, rows: 4 });
  });

  test('of a hundred megabytes never lie in memory as one', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    async function* endless(): AsyncIterable<Uint8Array> {
      yield Buffer.from('id\ttitle\n1\t');
      for (let count = 0; count < 100; count += 1) yield megabyte;
      yield Buffer.from('\n2\tgood\n');
    }
    let longest = 0;
    let bytes = 0;
    const { rows, counts } = await readSource(endless(), tsvFormat);
    for (const { malformed } of rows) {
      longest = Math.max(longest, malformed?.length ?? 0);
      bytes += malformed?.length ?? 0;
    }
    expect(bytes).toBe(2 + 100 * megabyte.length);
    expect(longest).toBe(4 * 1024 * 1024);
    expect(counts).toMatchObject({ lines: 2, malformedLines: 1 });
    expect(texts(rows.slice(-1))).toEqual([[3, ['2', 'good']]]);
  });
});

describe('a file that is refused', () => {
  test.each([
    ['empty-file', ''],
    ['empty-file', '\uFEFF'],
    ['header-only', 'id\ttitle\n'],
    ['header-only', 'id\ttitle'],
    ['bad-header', '\n1\n'],
    ['bad-header', 'id\t\n1\t2\n'],
    ['bad-header', 'id\tID\n1\t2\n'],
    ['bad-header', 'id\t_line\n1\t2\n'],
    ['bad-header', Buffer.from('id\t\xff\n1\t2\n', 'latin1')],
    ['bad-header', `${'x'.repeat(1300)}\n1\n`],
    ['bad-header', `${Array.from({ length: 257 }, (_, index) => index).join('\t')}\n1\n`],
    ['utf-16', Buffer.from('\uFEFFid\n1\n', 'utf16le')],
    ['utf-16', Buffer.from('id\n1\n', 'utf16le')],
    ['utf-16', Buffer.from('\uFEFFid\n1\n', 'utf16le').swap16()],
  ])('%s: %j', async (code, body) => {
    await expect(read(body, 1200)).rejects.toMatchObject({ name: 'PermanentError', code });
  });
});

const headers = [['a'], ['a', 'b'], ['title', 'name', 'rating']];
const token = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('\t', '\n', '\r', '\r\n', '\0', '"', '\\N', 'tt01', 'é', '日本', '🙂') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\xff', '\xc3', '\xe6\x97', '\xed\xa0\x80').map(bytes => Buffer.from(bytes, 'latin1')),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }).map(length => 'x'.repeat(length)) },
);
const body = fc
  .array(token, { minLength: 1, maxLength: 60 })
  .map(parts => Buffer.concat(parts.map(part => Buffer.from(part))));

describe('any bytes', () => {
  const source = fc.record({
    columns: fc.constantFrom(...headers),
    newline: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\uFEFF'),
    body,
    places: fc.array(fc.nat(200), { maxLength: 12 }),
    maxLineBytes: fc.integer({ min: 24, max: 64 }),
  });

  test('are in the rows, line by line, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(source, async ({ columns, newline, mark, body, places, maxLineBytes }) => {
        const file = Buffer.concat([Buffer.from(mark + columns.join('\t') + newline), body]);
        const { rows, counts } = await readSource(cut(file, places), tsvFormat, maxLineBytes);
        const lines = linesOf(file);
        expect(counts.lines).toBe(lines.length - 1);
        expect(rows.map(({ line }) => line)).toEqual(rows.map(({ line }) => line).toSorted((a, b) => a - b));
        for (const [index, { bytes, isLast }] of lines.entries()) {
          if (index === 0) continue;
          const found = rows.filter(({ line }) => line === index + 1);
          const ending = newline === '\r\n' && !isLast ? '\r' : '';
          const isGood =
            bytes.length <= maxLineBytes &&
            isUtf8(bytes) &&
            bytes.toString('latin1').split('\t').length === columns.length &&
            bytes.toString('latin1').endsWith(ending);
          expect(found.every(({ fields, malformed }) => (fields === null) === (malformed !== null))).toBe(true);
          expect(found[0]?.fields !== null, `line ${index + 1}`).toBe(isGood);
          const rebuilt = found.map(({ fields, malformed }) =>
            fields === null ? malformed : Buffer.concat([joined(fields), Buffer.from(ending)]),
          );
          expect(Buffer.concat(rebuilt as Buffer[])).toEqual(bytes);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('a nasty file reads the same wherever it is cut in two', async () => {
  const file = Buffer.from(
    '\uFEFFid\tname\r\n1\té日🙂\r\n2\ta\rb\n\r\n3\t\xff\r\n4\tlonger than allowed\r\n5\tx',
    'utf8',
  );
  const whole = await read(file, 16);
  for (let place = 0; place <= file.length; place += 1)
    expect(await read(file, 16, [place])).toMatchObject({ rows: whole.rows });
});

/** The lines of a file, split by the plainest means. */
function linesOf(file: Buffer): { readonly bytes: Buffer; readonly isLast: boolean }[] {
  const lines: { bytes: Buffer; isLast: boolean }[] = [];
  let start = 0;
  for (let end = file.indexOf('\n'); end !== -1; end = file.indexOf('\n', start)) {
    lines.push({ bytes: file.subarray(start, end), isLast: false });
    start = end + 1;
  }
  if (start < file.length) lines.push({ bytes: file.subarray(start), isLast: true });
  return lines;
}

function joined(fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields.flatMap((field, index) => (index === 0 ? [field] : [Buffer.from('\t'), field])));
}
