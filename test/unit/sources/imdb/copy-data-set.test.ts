import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import type { BronzeCopy } from '../../../../shared/sources/imdb/bronze-copy.ts';
import { copyDataSet } from '../../../../shared/sources/imdb/copy-data-set.ts';
import { directoryStore } from '../../../../shared/storage/directory-store.ts';
import { readBronze } from './bronze-rows.ts';
import { memoryLanding } from './memory-landing.ts';

let root: string;
let duckdb: DuckDBConnection;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'imdb-copy-'));
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(async () => {
  duckdb.closeSync();
  await rm(root, { recursive: true });
});

const path = 'bronze/imdb/title.ratings/2026-01-31/part-0001.parquet';
const limits = { maxBytes: 1e9, maxRatio: 1e4 };

function copy(name: string, content: Uint8Array | string, entryName: string | null = null): Promise<BronzeCopy> {
  const landing = memoryLanding();
  const file = landing.put(name, content);
  const format = (entryName ?? name).includes('.csv') ? ('csv' as const) : ('tsv' as const);
  const entry = { name: entryName, dataSet: 'title.ratings', format };
  const loadedAt = '2026-01-31T04:05:06.000Z';
  return copyDataSet({ file, entry, path, limits, loadedAt }, { landing, store: directoryStore(root) });
}

/** One row per line of text: as DuckDB reads them. */
async function byDuckdb(select: string): Promise<unknown[][]> {
  const result = await duckdb.runAndReadAll(`SELECT ${select} FROM read_parquet('${join(root, path)}')`);
  return result.getRowsJson();
}

async function keyValues(): Promise<Record<string, unknown>> {
  const { key_value_metadata } = await parquetMetadataAsync(await asyncBufferFromFile(join(root, path)));
  return Object.fromEntries((key_value_metadata ?? []).map(({ key, value }) => [key, value]));
}

test('a data set becomes one Parquet file that says where it comes from', async () => {
  const receipt = await copy('title.ratings.tsv.gz', gzipSync('tconst\tnumVotes\r\ntt1\t\\N\r\ntt2\r\ntt3\t"7\r\n'));
  expect(receipt).toEqual({
    path,
    bytes: (await asyncBufferFromFile(join(root, path))).byteLength,
    lines: 3,
    malformedLines: 1,
    rows: 3,
    columns: ['tconst', 'numVotes'],
    expandedBytes: 38,
  });
  expect(await byDuckdb('tconst, "numVotes", _line, hex(_malformed), typeof(_malformed), _reason')).toEqual([
    ['tt1', '\\N', '2', null, 'BLOB', null],
    [null, null, '3', '7474320D', 'BLOB', 'expected 2 fields, got 1'],
    ['tt3', '"7', '4', null, 'BLOB', null],
  ]);
  const metadata = await keyValues();
  expect(metadata).toMatchObject({
    'youflix.source': 'title.ratings.tsv.gz',
    'youflix.etag': '0x1',
    'youflix.source_modified_at': '2026-01-31T00:00:01.000Z',
    'youflix.loaded_at': '2026-01-31T04:05:06.000Z',
    'youflix.format': 'tsv',
    'youflix.newline': 'CRLF',
    'youflix.byte_order_mark': 'false',
  });
});

test('CSV comes as its values, also out of a zip', async () => {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('tconst,title\ntt1,"a, ""b""\nc"\ntt2,"x\n'), 'title.ratings.csv');
  zip.end();
  await copy('imdb.zip', await buffer(zip.outputStream), 'title.ratings.csv');
  expect(await byDuckdb('tconst, title, _line, _malformed IS NULL, _reason')).toEqual([
    ['tt1', 'a, "b"\nc', '2', true, null],
    [null, null, '4', false, 'expected quotes as in RFC 4180, got CSV_QUOTE_NOT_CLOSED'],
  ]);
  expect(await keyValues()).toMatchObject({ 'youflix.source': 'imdb.zip', 'youflix.entry': 'title.ratings.csv' });
});

test('rows of several groups keep order and number, and groups say what they hold', async () => {
  const count = 130_000;
  const ids = Array.from({ length: count }, (_, index) => `tt${String(index).padStart(7, '0')}`);
  const lines = ids.map((id, index) => (index % 1000 === 7 ? `${id}\tx\ty` : `${id}\t${index % 90}`));
  const receipt = await copy('title.ratings.tsv', `tconst\tnumVotes\n${lines.join('\n')}\n`);
  expect(receipt).toMatchObject({ lines: count, malformedLines: count / 1000, rows: count });
  const rows = await readBronze(join(root, path), receipt.columns);
  const rebuilt = rows.map(({ fields, malformed }) => String(malformed ?? fields?.join('\t')));
  expect(rebuilt).toEqual(lines);
  expect(rows.every(({ line }, index) => line === index + 2)).toBe(true);
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(join(root, path)));
  expect(metadata.row_groups.map(group => Number(group.num_rows))).toEqual([122_880, count - 122_880]);
  const column = metadata.row_groups[0]?.columns[0]?.meta_data;
  expect(column?.codec).toBe('ZSTD');
  expect(column?.statistics).toMatchObject({ min_value: ids[0], max_value: ids[122_879] });
});

test('any bytes are in the file, line by line, as another reader reads it', async () => {
  const token = fc.oneof(
    fc.constantFrom('\t', '\n', '\r', '\0', '\\N', 'é', '\uFEFF', '🙂').map(part => Buffer.from(part)),
    fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes)),
  );
  const body = fc
    .array(token, { minLength: 1, maxLength: 200 })
    .map(parts => Buffer.concat([...parts, Buffer.from('.')]));
  await fc.assert(
    fc.asyncProperty(body, async content => {
      const { columns, lines, rows } = await copy('title.ratings.tsv', Buffer.concat([Buffer.from('a\tb\n'), content]));
      const read = await readBronze(join(root, path), columns);
      expect(read.map(({ line }) => line)).toEqual(read.map((_, index) => index + 2));
      const rebuilt = read.map(({ fields, malformed }) => (malformed ?? tabbed(fields ?? [])).toString('latin1'));
      expect(rebuilt.join('\n')).toBe(content.toString('latin1'));
      expect([lines, rows]).toEqual([read.length, read.length]);
    }),
    { numRuns: 10 },
  );
});

function tabbed(fields: readonly Buffer[]): Buffer {
  return Buffer.from(fields.map(field => field.toString('latin1')).join('\t'), 'latin1');
}

describe('a source that is refused', () => {
  const gzipped = gzipSync(`tconst\tnumVotes\n${'tt1\t7\n'.repeat(500_000)}`);
  test.each([
    ['truncated', 'title.ratings.tsv.gz', gzipped.subarray(0, -1000)],
    ['bad-crc', 'title.ratings.tsv.gz', Buffer.concat([gzipped.subarray(0, -8), Buffer.alloc(8)])],
    ['empty-file', 'title.ratings.tsv', ''],
    ['header-only', 'title.ratings.tsv', 'tconst\tnumVotes\n'],
    ['bad-header', 'title.ratings.tsv', 'tconst\ttconst\n1\t2\n'],
  ])('leaves what was there: %s', async (code, name, content) => {
    await copy('title.ratings.tsv', 'tconst\nbefore\n');
    await expect(copy(name, content)).rejects.toMatchObject({ name: 'PermanentError', code });
    expect(await byDuckdb('tconst')).toEqual([['before']]);
    expect(await readdir(join(root, '.staging'))).toEqual([]);
  });
});
