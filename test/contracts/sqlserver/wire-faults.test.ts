import sql from 'mssql';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OperationPoint } from '../../../local/faults.ts';
import { startWire, type Wire } from './wire-fixture.ts';

let wire: Wire;

beforeAll(async () => {
  wire = await startWire();
});

afterEach(() => wire.faults.clear());

afterAll(() => wire.close());

const service = 'sqlserver';

async function works(pool: sql.ConnectionPool): Promise<boolean> {
  const { recordset } = await pool.request().query('select 1 as one');
  return recordset[0].one === 1;
}

test('every operation passes two points, named by its statement', async () => {
  const points: string[] = [];
  const stop = wire.faults.observe(({ operation, phase }: OperationPoint) => {
    points.push(`${phase} ${operation}`);
  });
  const pool = await wire.pool();
  await works(pool);
  points.length = 0;
  const transaction = pool.transaction();
  await transaction.begin();
  await transaction.request().query('select 2 as two');
  await transaction.commit();
  const statement = new sql.PreparedStatement(pool);
  statement.input('a', sql.Int);
  await statement.prepare('select @a as a');
  await statement.execute({ a: 1 });
  stop();
  await statement.unprepare();
  const own = points.filter(point => !point.includes('SELECT 1;'));
  expect(own).toEqual(
    ['BEGIN TRANSACTION', 'select 2 as two', 'COMMIT', 'select @a as a', 'select @a as a'].flatMap(text => [
      `before ${text}`,
      `after ${text}`,
    ]),
  );
});

test('a deadlock: error 1205 of class 13, and the transaction is gone', async () => {
  const pool = await wire.pool();
  const transaction = pool.transaction();
  await transaction.begin();
  wire.faults.add({ service, operation: 'update users*', action: { kind: 'sql-error', number: 1205 } });
  await expect(transaction.request().query('update users set a = 1')).rejects.toMatchObject({
    number: 1205,
    class: 13,
  });
  expect(wire.engine.calls.at(-1)).toBe('ROLLBACK');
  expect(wire.engine.calls).not.toContain('update users set a = 1');
  await expect(transaction.commit()).rejects.toMatchObject({ code: 'EABORT' });
  expect(await works(pool)).toBe(true);
});

test('effect done, answer lost: the statement ran, the connection is cut', async () => {
  const pool = await wire.pool();
  wire.engine.scripts.set('insert it', () => [{ kind: 'done', command: 'insert', rowCount: 1 }]);
  wire.faults.add({ service, operation: 'insert it', phase: 'after', action: { kind: 'reset' } });
  await expect(pool.request().query('insert it')).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
  expect(wire.engine.calls).toContain('insert it');
  expect(await works(pool)).toBe(true);
});

test('a reset before: the statement never ran', async () => {
  const pool = await wire.pool();
  wire.faults.add({ service, operation: 'insert never', action: { kind: 'reset' } });
  await expect(pool.request().query('insert never')).rejects.toThrow();
  expect(wire.engine.calls).not.toContain('insert never');
});

test.each([
  ['cut-after-rows', { kind: 'cut-after-rows', rows: 2500 } as const, 2500],
  ['reset after bytes', { kind: 'reset', afterBytes: 30_000 } as const, undefined],
])('a cut in mid-stream: %s', async (_, action, expected) => {
  const pool = await wire.pool();
  const text = 'select i::int as i from range(50000) t(i)';
  wire.faults.add({ service, operation: text, action });
  const request = pool.request();
  request.stream = true;
  let rows = 0;
  request.on('row', () => {
    rows += 1;
  });
  const failed = new Promise<Error>(resolve => request.on('error', resolve));
  request.query(text);
  expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  if (expected === undefined) expect(rows).toBeGreaterThan(1000);
  else expect(rows).toBe(expected);
  expect(rows).toBeLessThan(50_000);
  expect(await works(pool)).toBe(true);
});

test('a delay longer than the client waits is a timeout, and cancelled', async () => {
  const pool = await wire.pool({ requestTimeout: 60 });
  wire.faults.add({ service, operation: 'select 3*', action: { kind: 'delay', ms: 60_000 } });
  await expect(pool.request().query('select 3 as three')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  expect(wire.engine.calls).not.toContain('select 3 as three');
  expect(await works(pool)).toBe(true);
});

test('refused logins, and one that is cut', async () => {
  // The driver itself tries again after errors that it takes for passing, 4060 and a lost connection among them.
  const options = { maxRetriesOnTransientErrors: 0 } as sql.IOptions;
  wire.faults.add({ service, operation: 'LOGIN sa', action: { kind: 'sql-error', number: 18_456 } });
  await expect(wire.pool({ options })).rejects.toMatchObject({ code: 'ELOGIN', message: 'Login failed.' });
  wire.faults.add({ service, operation: 'LOGIN sa', action: { kind: 'sql-error', number: 4060 } });
  await expect(wire.pool({ options })).rejects.toMatchObject({
    message: expect.stringContaining('Cannot open the database'),
  });
  wire.faults.add({ service, operation: 'LOGIN sa', action: { kind: 'reset' } });
  await expect(wire.pool({ options })).rejects.toMatchObject({ code: 'ESOCKET' });
  expect(await works(await wire.pool())).toBe(true);
});

test('a bulk load that loses its answer was loaded', async () => {
  const pool = await wire.pool();
  wire.faults.add({ service, operation: 'insert bulk*', phase: 'after', action: { kind: 'reset' } });
  const table = new sql.Table('dbo.t');
  table.columns.add('a', sql.Int, { nullable: false });
  table.rows.add(1);
  await expect(pool.request().bulk(table)).rejects.toThrow();
  expect(wire.engine.bulk?.rows).toEqual([[1]]);
});
