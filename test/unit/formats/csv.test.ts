import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, VARCHAR } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError } from '../../../shared/errors.ts';
import { csvEncoder, duckdbCsvOptions, maxCsvLineBytes } from '../../../shared/formats/csv.ts';

type Cell = string | null;

let folder: string;
let connection: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-'));
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});

afterAll(async () => {
  connection.closeSync();
  await rm(folder, { recursive: true });
});

function csvOf(columns: readonly string[], rows: readonly (readonly unknown[])[]): Buffer {
  const encoder = csvEncoder(columns);
  return Buffer.concat([encoder.header(), encoder.encode(rows)]);
}

/** What DuckDB reads, in file order. As UTF-8 hex, because the client's text decoder swallows a byte-order mark. */
async function readByDuckdb(columns: readonly string[], csv: Uint8Array): Promise<Cell[][]> {
  const path = join(folder, 'rows.csv');
  await writeFile(path, csv);
  const cells = columns.map((_, index) => `hex(#${index + 1})`);
  const result = await connection.runAndReadAll(
    `SELECT ${cells.join(', ')} FROM read_csv('${path}', ${duckdbCsvOptions(columns)})`,
  );
  return result
    .getRowsJS()
    .map(row => row.map(cell => (typeof cell === 'string' ? Buffer.from(cell, 'hex').toString() : null)));
}

const hostileText = [
  '',
  ' ',
  'plain',
  'a,b',
  'say "hi"',
  '"',
  '""',
  '","',
  'line\nfeed',
  'carriage\rreturn',
  'both\r\nof them',
  '\n',
  '\r',
  '\r\n',
  'ends in\n',
  '\ttabs\tall over\t',
  'in\tside',
  ' leading',
  'trailing ',
  '\u0000',
  'nul\u0000inside',
  '=1+1',
  '@cmd',
  '#comment',
  'NULL',
  'null',
  '\\N',
  '\\',
  'a\\"b',
  '\uFEFFmarked',
  '\uFEFF',
  'Zoë',
  '日本語',
  '👩‍👩‍👧‍👦 family',
  '\u2028\u2029\u0085',
  'é'.repeat(100),
  '🙂'.repeat(100),
  `${'long '.repeat(50)}"quoted", with everything\r\n`,
];

describe('what a file says', () => {
  test('NULL is empty, the empty string is quoted, the rest is quoted only where it must be', () => {
    const csv = csvOf(
      ['id', 'a "name"', 'note'],
      [
        [1, null, ''],
        [2, 'a,b', '=1+1'],
        [3, ' x', 'y"z'],
        [4, undefined, 'ünquoted'],
      ],
    );
    expect(csv.toString()).toBe('id,"a ""name""",note\n1,,""\n2,"a,b",=1+1\n3," x","y""z"\n4,,ünquoted\n');
  });

  test('numbers, bits and bytes read as SQL Server prints them', () => {
    const numbers = [
      0,
      7,
      10,
      99,
      100,
      -1,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      Number.MAX_SAFE_INTEGER,
      1.5,
      1e21,
      5e-324,
    ];
    const csv = csvOf(
      ['value'],
      [...numbers.map(number => [number]), [true], [false], [Buffer.from('00ff1a', 'hex')], [2n ** 63n]],
    );
    const lines = csv.toString().split('\n');
    expect(lines.slice(1, -1)).toEqual([...numbers.map(String), '1', '0', '0x00FF1A', '9223372036854775808']);
  });

  test('a lone surrogate becomes U+FFFD', () => {
    expect(csvOf(['t'], [['a\uD800b'], [`${'a'.repeat(100)}\uDC00`]]).toString()).toBe(
      `t\na\uFFFDb\n${'a'.repeat(100)}\uFFFD\n`,
    );
  });

  test('batches of any size, whatever they are made of', () => {
    for (const row of [
      [null, null],
      [true, 7],
      ['', ''],
      [2 ** 31 - 1, 'ü'],
      ['x'.repeat(63), '"'.repeat(63)],
    ]) {
      const text = row.map(value =>
        value === ''
          ? '""'
          : value === true
            ? '1'
            : String(value ?? '').replace(/^(.*".*)$/, quoted => `"${quoted.replaceAll('"', '""')}"`),
      );
      const csv = Buffer.from(csvEncoder(['a', 'b']).encode(new Array(300_000).fill(row)));
      expect(csv.equals(Buffer.from(`${text.join(',')}\n`.repeat(300_000)))).toBe(true);
    }
  });

  test('the caller owns the bytes: the next call leaves them alone', () => {
    const encoder = csvEncoder(['t']);
    const first = encoder.encode([['first']]);
    encoder.encode([['other']]);
    expect(Buffer.from(first).toString()).toBe('first\n');
  });
});

describe('what DuckDB reads back', () => {
  test('every hostile string, in any position', async () => {
    const rows = hostileText.map((text, index) => [
      text,
      `${index}`,
      hostileText[hostileText.length - 1 - index] ?? null,
    ]);
    expect(await readByDuckdb(['a', 'b', 'c'], csvOf(['a', 'b', 'c'], rows))).toEqual(rows);
  });

  test('a single column that is NULL, empty, and NULL again, also as the last line', async () => {
    const rows = [[null], [''], [null], ['x'], [null]];
    expect(await readByDuckdb(['only'], csvOf(['only'], rows))).toEqual(rows);
  });

  test('no rows', async () => {
    expect(await readByDuckdb(['a', 'b'], csvOf(['a', 'b'], []))).toEqual([]);
  });

  test.each([
    ['letters', 'x'.repeat(5 << 20)],
    ['quotes only', '"'.repeat(1 << 20)],
    ['lines that look like records', '1,2\n"",3\n'.repeat(130_000)],
    ['three-byte characters', '日'.repeat(1 << 20)],
  ])('a value of megabytes: %s', async (_, value) => {
    const rows = [
      ['1', value],
      ['2', null],
      ['3', value],
      ['4', 'end'],
    ];
    const read = await readByDuckdb(['id', 'text'], csvOf(['id', 'text'], rows));
    expect(read.map(row => row[0])).toEqual(['1', '2', '3', '4']);
    expect(read.every((row, index) => row[1] === rows[index]?.[1])).toBe(true);
  });

  test('quoted lines that look like records, where a scanner could start among them', async () => {
    const columns = ['id', 'text', 'end'];
    const value = '1,2,3\n""\n4,"",5\n'.repeat(70_000);
    const path = join(folder, 'ranges.csv');
    const rows = Array.from({ length: 24 }, (_, index) => [index, value, 'x']);
    await writeFile(path, csvOf(columns, rows));
    const result = await connection.runAndReadAll(
      `SELECT count(*)::INT, count(*) FILTER (text = $value)::INT FROM read_csv('${path}', ${duckdbCsvOptions(columns)})`,
      { value },
      { value: VARCHAR },
    );
    expect(result.getRowsJS()).toEqual([[24, 24]]);
  });

  test('a column whose name holds quotes of both kinds', async () => {
    const columns = [`it's "so"`, 'b,c'];
    expect(await readByDuckdb(columns, csvOf(columns, [['1', '2']]))).toEqual([['1', '2']]);
  });
});

describe('against other readers and writers', () => {
  const cell = fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom(...hostileText) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }).filter(text => text.isWellFormed()) },
    { weight: 2, arbitrary: fc.stringMatching(/^[a-c",\r\n\t =]{0,12}$/) },
  );
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain(width => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }));
  const named = (rows: readonly unknown[][]) => Array.from({ length: rows[0]?.length ?? 1 }, (_, index) => `c${index}`);

  test('DuckDB reads what was written', async () => {
    await fc.assert(
      fc.asyncProperty(table, async rows => {
        expect(await readByDuckdb(named(rows), csvOf(named(rows), rows))).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  test('csv-parse reads what was written, NULL apart from the empty string', () => {
    fc.assert(
      fc.property(table, rows => {
        const read = parse(csvOf(named(rows), rows), {
          from_line: 1,
          cast: (text, context) => (text === '' && !context.quoting ? null : text),
          record_delimiter: '\n',
        });
        expect(read.slice(1)).toEqual(rows);
      }),
    );
  });

  test('csv-stringify writes the same bytes, once told to quote what we quote', () => {
    const options = {
      quoted_match: /^[\s\p{Cc}]|[\r\n]|[\s\p{Cc}]$/u,
      cast: { string: (text: string) => (text === '' ? { value: text, quoted_empty: true } : text) },
    };
    // What is blank beyond ASCII, to a regular expression, is no blank to a reader of CSV.
    const ascii = table.map(rows => rows.map(row => row.map(text => text?.replaceAll(/[^\0-~]/g, 'é') ?? null)));
    fc.assert(
      fc.property(ascii, rows => {
        expect(Buffer.from(csvEncoder(named(rows)).encode(rows)).toString()).toBe(stringify(rows, options));
      }),
    );
  });
});

describe('what is refused', () => {
  const refused = (rows: readonly (readonly unknown[])[]) => () => csvEncoder(['id', 'at']).encode(rows);

  test('a row of another width', () => {
    expect(refused([[1]])).toThrow(new PermanentError('CSV row has 1 values for 2 columns (id, at)'));
  });

  test('a value that has already lost digits, or has no text of its own', () => {
    expect(refused([[1, new Date()]])).toThrow(/column "at" holds a value of type Date, .* cast it to varchar/);
    expect(refused([[1, {}]])).toThrow(/column "at" holds a value of type object: cast/);
  });

  test('a line longer than readers are told to expect, while the longest still reads', async () => {
    const longest = 'x'.repeat(maxCsvLineBytes - '7,\n'.length);
    expect(refused([[7, `${longest}x`]])).toThrow(/CSV line of 16777217 bytes.*id = 7/);
    const read = await readByDuckdb(['id', 'at'], csvOf(['id', 'at'], [['7', longest]]));
    expect(read[0]?.[1]).toHaveLength(longest.length);
  });
});
