import { randomBytes } from 'node:crypto';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, test } from 'vitest';
import { BytesColumn } from '../../../shared/parquet/bytes-column.ts';
import type { ColumnBatch, ParquetColumn } from '../../../shared/parquet/columns.ts';
import { parquetFile } from '../../../shared/parquet/parquet-file.ts';

const columns: readonly ParquetColumn[] = [
  { name: 'id', type: 'int64', nullable: false, encoding: 'delta', statistics: true },
  { name: 'text', type: 'text', nullable: true, encoding: 'dictionary', statistics: false },
  { name: 'raw', type: 'bytes', nullable: true, encoding: 'plain', statistics: false },
];

function batchOf(rows: readonly (readonly [bigint, string | null, Uint8Array | null])[]): ColumnBatch {
  const text = new BytesColumn(rows.length);
  const raw = new BytesColumn(rows.length);
  const textBits = new Uint8Array(Math.ceil(rows.length / 8));
  const rawBits = new Uint8Array(Math.ceil(rows.length / 8));
  for (const [row, [, textValue, rawValue]] of rows.entries()) {
    text.append(row, Buffer.from(textValue ?? ''));
    raw.append(row, rawValue ?? new Uint8Array(0));
    if (textValue !== null) textBits[row >> 3] = (textBits[row >> 3] ?? 0) | (1 << (row & 7));
    if (rawValue !== null) rawBits[row >> 3] = (rawBits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return {
    rows: rows.length,
    columns: [
      { integers: BigInt64Array.from(rows, ([id]) => id) },
      { ...text.values(rows.length), validity: textBits },
      { ...raw.values(rows.length), validity: rawBits },
    ],
  };
}

async function written(batches: AsyncIterable<ColumnBatch>): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of parquetFile({ columns, metadata: { 'some.key': 'é' } }, batches)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}

const threads = (): number => process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length;

test('values, NULLs and empty ones come back', async () => {
  async function* batches(): AsyncIterable<ColumnBatch> {
    yield batchOf([
      [-(2n ** 63n), 'a', Buffer.from([0xff, 0])],
      [2n ** 63n - 1n, null, null],
      [0n, '', Buffer.alloc(0)],
    ]);
    yield batchOf([[7n, '日本\0', null]]);
  }
  const file = await written(batches());
  expect(await parquetReadObjects({ file, compressors, utf8: false })).toEqual([
    { id: -(2n ** 63n), text: 'a', raw: new Uint8Array([0xff, 0]) },
    { id: 2n ** 63n - 1n, text: null, raw: null },
    { id: 0n, text: '', raw: new Uint8Array(0) },
    { id: 7n, text: '日本\0', raw: null },
  ]);
});

test('memory that is used again for the next batch does no harm', async () => {
  const ids = new BigInt64Array(1000);
  const text = new BytesColumn(1000);
  async function* batches(): AsyncIterable<ColumnBatch> {
    for (let batch = 0; batch < 20; batch += 1) {
      for (let row = 0; row < 1000; row += 1) {
        ids[row] = BigInt(batch * 1000 + row);
        text.append(row, Buffer.from(`value ${batch * 1000 + row}`));
      }
      yield { rows: 1000, columns: [{ integers: ids }, text.values(1000), text.values(1000)] };
    }
  }
  const file = await written(batches());
  const rows = await parquetReadObjects({ file, compressors, columns: ['id', 'text'] });
  expect(rows.map(({ id, text }) => `${id} ${text}`)).toEqual(
    Array.from({ length: 20_000 }, (_, id) => `${id} value ${id}`),
  );
});

test('batches are asked for as bytes are, not ahead of them', async () => {
  const rows = 122_880;
  const incompressible = Buffer.from(randomBytes(4 * rows).toString('hex'));
  const text = {
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => 8 * row),
    bytes: new Uint8Array(incompressible),
  };
  const group = { rows, columns: [{ integers: new BigInt64Array(rows) }, text, text] };
  let asked = 0;
  async function* groups(): AsyncIterable<ColumnBatch> {
    for (asked = 1; asked <= 20; asked += 1) yield group;
  }
  let ahead = 0;
  let groupsOut = 0;
  for await (const _ of parquetFile({ columns, metadata: {} }, groups())) {
    groupsOut += 1;
    ahead = Math.max(ahead, asked - groupsOut);
  }
  expect(groupsOut).toBeGreaterThanOrEqual(20);
  expect(ahead).toBeLessThanOrEqual(3);
});

describe('a file that fails', () => {
  test('passes an error of the batches on as it is, and ends its thread', async () => {
    const before = threads();
    async function* broken(): AsyncIterable<ColumnBatch> {
      yield batchOf([[1n, 'a', null]]);
      throw new RangeError('the source broke');
    }
    await expect(written(broken())).rejects.toThrow(new RangeError('the source broke'));
    expect(threads()).toBe(before);
  });

  test('says that the encoder did it', async () => {
    const before = threads();
    async function* invalid(): AsyncIterable<ColumnBatch> {
      const good = batchOf([[1n, 'a', null]]);
      const notUtf8 = { offsets: new Int32Array([0, 1]), bytes: new Uint8Array([0xff]) };
      yield { ...good, columns: good.columns.with(1, notUtf8) };
    }
    await expect(written(invalid())).rejects.toMatchObject({ name: 'PermanentError', code: 'parquet-writer' });
    expect(threads()).toBe(before);
  });
});
