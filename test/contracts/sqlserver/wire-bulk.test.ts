import sql from 'mssql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWire, type Wire } from './wire-fixture.ts';

let wire: Wire;
let pool: sql.ConnectionPool;

beforeAll(async () => {
  wire = await startWire();
  pool = await wire.pool();
});

afterAll(() => wire.close());

function users(): sql.Table {
  const table = new sql.Table('dbo.users');
  table.columns.add('user_id', sql.BigInt, { nullable: false });
  table.columns.add('display name', sql.NVarChar(200), { nullable: true });
  table.columns.add('bio', sql.NVarChar(sql.MAX), { nullable: true });
  table.columns.add('price', sql.Decimal(10, 2), { nullable: true });
  table.columns.add('modified_at', sql.DateTime2(7), { nullable: false });
  table.columns.add('photo', sql.VarBinary(sql.MAX), { nullable: true });
  table.columns.add('notes', sql.NText, { nullable: true });
  return table;
}

test('rows of every size arrive whole, in order, with their nulls', async () => {
  const table = users();
  const at = new Date('2024-05-06T07:08:09.123Z');
  const bio = (row: number) => (row % 500 === 3 ? 'b😀'.repeat(300_000) : row % 3 === 0 ? null : `bio of ${row}`);
  for (let row = 0; row < 2000; row += 1) {
    table.rows.add(
      String(row),
      row % 2 === 0 ? `Zoë ${row}` : null,
      bio(row),
      row / 4,
      at,
      Buffer.from([row & 255]),
      null,
    );
  }
  const result = await pool.request().bulk(table);
  expect(result.rowsAffected).toBe(2000);
  const { bulk } = wire.engine;
  expect(bulk?.table).toBe('[dbo].[users]');
  expect(bulk?.columns.map(({ name, type }) => [name, type.name, type.length])).toEqual([
    ['user_id', 'bigint', undefined],
    ['display name', 'nvarchar', 200],
    ['bio', 'nvarchar', -1],
    ['price', 'decimal', undefined],
    ['modified_at', 'datetime2', undefined],
    ['photo', 'varbinary', -1],
    ['notes', 'nvarchar', 4000],
  ]);
  expect(bulk?.rows).toHaveLength(2000);
  bulk?.rows.forEach((values, row) => {
    expect(values).toEqual([
      BigInt(row),
      row % 2 === 0 ? `Zoë ${row}` : null,
      bio(row),
      (Math.round(row * 25) / 100).toFixed(2),
      '2024-05-06T07:08:09.1230000',
      Uint8Array.of(row & 255),
      null,
    ]);
  });
});

test('an empty load is a load of no rows', async () => {
  expect((await pool.request().bulk(users())).rowsAffected).toBe(0);
});

test('a load that the engine refuses is read to its end, and the connection lives on', async () => {
  const table = users();
  for (let row = 0; row < 5000; row += 1) table.rows.add(String(row), 'x'.repeat(100), null, 1, new Date(), null, null);
  wire.engine.refuseBulk = { number: 2627, state: 1, class: 14, message: 'Violation of PRIMARY KEY' };
  await expect(pool.request().bulk(table)).rejects.toMatchObject({ number: 2627 });
  wire.engine.refuseBulk = undefined;
  expect((await pool.request().query('select 1 as one')).recordset).toEqual([{ one: 1 }]);
});
