import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvFormat } from '../../../../shared/sources/imdb/rows/csv-format.ts';
import { type BronzeRow, cut, type ReadSource, readSource } from './bronze-rows.ts';

const read = (body: string | Uint8Array, maxLineBytes?: number, places: readonly number[] = []): Promise<ReadSource> =>
  readSource(cut(Buffer.from(body), places), csvFormat, maxLineBytes);

const texts = (rows: readonly BronzeRow[]): unknown[] =>
  rows.map(({ line, fields, malformed, reason }) =>
    fields === null ? [line, malformed?.toString('latin1'), reason] : [line, fields.map(String)],
  );

describe('good records', () => {
  test('have the values that RFC 4180 gives them, under the number of their first line', async () => {
    const { columns, rows, counts } = await read('"id","the\ntitle"\n1,"a, ""b""\nc"\n2,\\N\n3,""\n4,last');
    expect(columns).toEqual(['id', 'the\ntitle']);
    expect(texts(rows)).toEqual([
      [3, ['1', 'a, "b"\nc']],
      [5, ['2', '\\N']],
      [6, ['3', '']],
      [7, ['4', 'last']],
    ]);
    expect(counts).toEqual({ lines: 4, malformedLines: 0, rows: 4 });
  });

  test('may end in CRLF and follow a byte-order mark', async () => {
    const { columns, newline, byteOrderMark, rows } = await read('\uFEFF"id",title\r\n1,"a\r\nb"\r\n"2","c"');
    expect({ columns, newline, byteOrderMark }).toEqual({
      columns: ['id', 'title'],
      newline: 'CRLF',
      byteOrderMark: true,
    });
    expect(texts(rows)).toEqual([
      [2, ['1', 'a\r\nb']],
      [4, ['2', 'c']],
    ]);
  });

  test('of one column may be empty', async () => {
    expect(texts((await read('id\n\n"x"\n')).rows)).toEqual([
      [2, ['']],
      [3, ['x']],
    ]);
  });
});

test('more records than a batch holds', async () => {
  const ids = Array.from({ length: 31_000 }, (_, index) => String(index));
  const { rows } = await read(`id,n\n${ids.map(id => `${id},"a\n"\n`).join('')}`);
  expect(rows.map(({ line, fields }) => [line, String(fields?.[0])])).toEqual(
    ids.map((id, index) => [2 * index + 2, id]),
  );
});

describe('malformed records', () => {
  test('are kept as they are, and the next one is found', async () => {
    const { rows, counts } = await read(
      Buffer.from('id,title\n1\n2,say "hi"\n3,"a"b\n4,good\n5,\xff\n6,"line\n7,"more"\n8,good\n', 'latin1'),
    );
    expect(texts(rows)).toEqual([
      [2, '1', 'expected 2 fields, got 1'],
      [3, '2,say "hi"', 'expected quotes as in RFC 4180, got INVALID_OPENING_QUOTE'],
      [4, '3,"a"b', 'expected quotes as in RFC 4180, got CSV_INVALID_CLOSING_QUOTE'],
      [5, ['4', 'good']],
      [6, '5,\xff', 'expected UTF-8, but field 2 (title) is not'],
      [7, '6,"line\n7,"more"', 'expected quotes as in RFC 4180, got CSV_INVALID_CLOSING_QUOTE'],
      [9, ['8', 'good']],
    ]);
    expect(counts).toEqual({ lines: 7, malformedLines: 5, rows: 7 });
  });

  test('end in LF where the header ends in CRLF', async () => {
    expect(texts((await read('id,title\r\n1,a\n2,b\r\n')).rows)).toEqual([
      [2, '1,a', 'expected CR LF at its end, got LF'],
      [3, ['2', 'b']],
    ]);
  });

  test('of a quote that never closes are kept in pieces to the end of the file', async () => {
    const { rows, counts } = await read('id,b\n1,"bcdefgh\nijk\n2,x\n3,y\n', 16);
    expect(rows.map(({ line }) => line)).toEqual([2, 2]);
    expect(Buffer.concat(rows.map(({ malformed }) => malformed as Buffer)).toString()).toBe(
      '1,"bcdefgh\nijk\n2,x\n3,y\n',
    );
    expect(counts).toEqual({ lines: 1, malformedLines: 1, rows: 2 });
    expect(texts((await read('id,b\n1,"bcd\n2,x\n')).rows)).toEqual([
      [2, '1,"bcd\n2,x\n', 'expected quotes as in RFC 4180, got CSV_QUOTE_NOT_CLOSED'],
    ]);
  });
});

describe('a file that is refused', () => {
  test.each([
    ['empty-file', ''],
    ['header-only', 'id,title\n'],
    ['bad-header', 'id,"title\n1,2\n'],
    ['bad-header', 'id,t"itle\n1,2\n'],
    ['bad-header', 'id,id\n1,2\n'],
    ['utf-16', Buffer.from('\uFEFFid,b\n1,2\n', 'utf16le')],
  ])('%s: %j', async (code, body) => {
    await expect(read(body)).rejects.toMatchObject({ name: 'PermanentError', code });
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '"', '""', ',', '\n', '\r', '\r\n', ' ', '\\N', '日本', '🙂', '\0'),
);
const places = fc.array(fc.nat(400), { maxLength: 12 });

test('any values come back as csv-parse reads them, however the stream is cut', async () => {
  const table = fc.record({
    values: fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 20 }),
    record_delimiter: fc.constantFrom('\n', '\r\n'),
    places,
  });
  await fc.assert(
    fc.asyncProperty(table, async ({ values, record_delimiter, places }) => {
      // All quoted where lines end in CRLF: an LF alone would stay without quotes.
      const quoted = record_delimiter === '\r\n';
      const csv = stringify([['a', 'b', 'c'], ...values], { record_delimiter, quoted });
      const { rows } = await read(csv, undefined, places);
      expect(rows.map(({ fields }) => fields?.map(String))).toEqual(parse(csv, { from_line: 2, record_delimiter }));
    }),
    { numRuns: 300 },
  );
});

test('any bytes: nothing is lost, and cuts make no difference', async () => {
  const token = fc
    .constantFrom('"', '""', ',', '\n', '\r\n', 'a', 'é', '\xff', ' ')
    .map(part => Buffer.from(part, 'latin1'));
  const file = fc
    .array(token, { minLength: 1, maxLength: 80 })
    .map(parts => Buffer.concat([Buffer.from('a,b\n'), ...parts]));
  await fc.assert(
    fc.asyncProperty(file, places, async (body, cuts) => {
      const whole = await read(body, 24);
      const { rows } = await read(body, 24, cuts);
      expect(rows).toEqual(whole.rows);
      // A malformed row has the bytes of its lines; of the good ones at least every letter is there.
      const letters = rows.flatMap(({ fields, malformed }) => (fields === null ? [malformed as Buffer] : fields));
      const onlyLetters = (bytes: Buffer): string => bytes.toString('latin1').replace(/[^aé\xff]/g, '');
      expect(onlyLetters(Buffer.concat(letters))).toBe(onlyLetters(body.subarray(4)));
    }),
    { numRuns: 500 },
  );
});
