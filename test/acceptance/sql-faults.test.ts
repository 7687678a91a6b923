/** SQL Server in trouble: what passes by itself is tried again, what does not fails the run by name; never is anything half done. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault, FaultAction } from '../../local/faults.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { failuresOf, stepOf, tableOf } from './raised-lake.ts';
import { raiseTestLake, type TestLake } from './test-lake.ts';

let lake: TestLake;

/** Seconds would be the default; a test does not wait for them. */
const requestTimeoutMs = 1200;

const everyTry = 50;

beforeAll(async () => {
  lake = await raiseTestLake({
    settings: usual => ({
      ...usual,
      YOUFLIX_SQL_CONNECTION: `${usual['YOUFLIX_SQL_CONNECTION']};Request Timeout=${requestTimeoutMs}`,
    }),
  });
  await lake.completed({ mode: 'full' });
});

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

/** The statement that reads the rows of users, as the extract sends it. */
const extractOfUsers = 'SELECT [user_id], *FROM [dbo].[users]*';

function disturb(operation: string, action: FaultAction, more: Partial<Fault> = {}): { readonly fired: number } {
  return lake.faults.add({ service: 'sqlserver', operation, action, ...more });
}

/** Stamps all users, so that the next incremental run has 300 rows to carry. */
async function touchUsers(): Promise<void> {
  await lake.query('UPDATE dbo.users SET marketing_opt_in = 1 - marketing_opt_in, modified_at = SYSUTCDATETIME()');
}

/** Points of SQL Server that the app reaches during `work`, by the text of the operation. */
async function operationsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const stop = lake.faults.observe(({ service, operation, phase }) => {
    if (service === 'sqlserver' && phase === 'before') seen.push(operation);
  });
  await work();
  stop();
  return seen;
}

/** Bronze files of a run. */
async function bronzeOf(record: RunRecord): Promise<string[]> {
  return Object.keys(await lake.filesBelow('bronze')).filter(path => path.includes(record.runId));
}

/** Runs users incrementally, expects that to fail, and that nothing of the lake's state moved. */
async function failsAndChangesNothing(): Promise<RunRecord> {
  const silver = await lake.filesBelow('silver');
  const { watermark, movedBy } = await lake.watermark('users');
  const record = await lake.run({ mode: 'incremental', tables: ['users'] });
  expect(record.status).toBe('Failed');
  expect(await lake.watermark('users')).toMatchObject({ watermark, movedBy });
  expect(await lake.filesBelow('silver')).toEqual(silver);
  expect(await bronzeOf(record)).toEqual([]);
  expect(Object.keys(await lake.filesBelow('bronze/_staging'))).toEqual([]);
  return record;
}

test.each<[string, string, FaultAction, Partial<Fault>?]>([
  ['the connection is reset at the login', 'LOGIN *', { kind: 'reset' }],
  ['the database is just coming up', 'LOGIN *', { kind: 'sql-error', number: 40613 }],
  ['the transaction cannot begin', 'BEGIN TRANSACTION', { kind: 'reset' }],
  ['a deadlock takes the count', 'SELECT COUNT_BIG*', { kind: 'sql-error', number: 1205 }],
  ['a deadlock takes the rows', extractOfUsers, { kind: 'sql-error', number: 1205 }],
  ['a snapshot conflict', extractOfUsers, { kind: 'sql-error', number: 3960 }],
  ['the service is busy and hangs up', extractOfUsers, { kind: 'sql-error', number: 40501 }],
  ['the connection is cut before any row', extractOfUsers, { kind: 'reset' }],
  ['the connection is cut after 100 rows', extractOfUsers, { kind: 'cut-after-rows', rows: 100 }],
  ['the connection is cut within a row', extractOfUsers, { kind: 'reset', afterBytes: 9_999 }],
  ['twice in a row', extractOfUsers, { kind: 'cut-after-rows', rows: 250 }, { times: 2 }],
  ['the answer to the commit is lost', 'COMMIT*', { kind: 'reset' }, { phase: 'after' }],
  ['the rows do not come in time', extractOfUsers, { kind: 'delay', ms: requestTimeoutMs + 300 }],
])('%s: tried again, and everything is there, once', async (_what, operation, action, more) => {
  await touchUsers();
  const version = await lake.version('users');
  const fault = disturb(operation, action, more);
  const record = await lake.completed({ mode: 'incremental', tables: ['users'] });
  expect(fault.fired).toBe(more?.times ?? 1);
  expect(stepOf(record, 'users', 'extract').rowsOut).toBe(300);
  expect(await bronzeOf(record)).toHaveLength(1);
  expect(Object.keys(await lake.filesBelow('bronze/_staging'))).toEqual([]);
  expect(await lake.version('users')).toBe(version + 1);
  await lake.expectSilverIsSource();
});

test('a server that stays away fails the run by name, and nothing has changed', async () => {
  await touchUsers();
  disturb('LOGIN *', { kind: 'reset' }, { times: everyTry });
  const record = await failsAndChangesNothing();
  expect(failuresOf(record)).toMatchObject({
    users: { step: 'plan-mssql-extract', code: 'transient', message: expect.stringMatching(/SQL Server connect/) },
  });
  lake.faults.clear();
  await lake.completed({ mode: 'incremental' });
  await lake.expectSilverIsSource();
});

test('a connection that is cut on every try leaves no part of a file', async () => {
  await touchUsers();
  disturb(extractOfUsers, { kind: 'cut-after-rows', rows: 200 }, { times: everyTry });
  const record = await failsAndChangesNothing();
  expect(failuresOf(record)).toMatchObject({
    users: { step: 'extract-mssql-table', code: 'transient', message: expect.stringMatching(/extract of users/) },
  });
});

test('a refused login is not tried again, and is named', async () => {
  await touchUsers();
  const message = "Login failed for user 'youflix_app'.";
  disturb('LOGIN *', { kind: 'sql-error', number: 18456, message }, { times: everyTry });
  const seen = await operationsDuring(async () => {
    const record = await failsAndChangesNothing();
    expect(failuresOf(record)).toMatchObject({
      users: { code: 'sql-login', message: expect.stringMatching(/user 'youflix_app'.*check YOUFLIX_SQL_CONNECTION/) },
    });
  });
  expect(seen).toEqual(['LOGIN youflix_app']);
});

test('a database that forbids snapshots is not tried again, and says so', async () => {
  await touchUsers();
  const message =
    "Snapshot isolation transaction failed accessing database 'youflix' because snapshot isolation is not allowed in this database.";
  disturb(extractOfUsers, { kind: 'sql-error', number: 3952, message }, { times: everyTry });
  const seen = await operationsDuring(async () => {
    const record = await failsAndChangesNothing();
    expect(failuresOf(record)).toMatchObject({
      users: { step: 'extract-mssql-table', code: 'sql-3952', message: expect.stringContaining(message) },
    });
  });
  expect(seen.filter(text => text.startsWith('SELECT [user_id]'))).toHaveLength(1);
});

test('an error that nobody knows is quoted, and not tried again', async () => {
  await touchUsers();
  disturb(extractOfUsers, { kind: 'sql-error', number: 50_001, message: 'the trigger says no' });
  const record = await failsAndChangesNothing();
  expect(failuresOf(record)).toMatchObject({
    users: { code: 'sql-50001', message: expect.stringContaining('extract of users: the trigger says no') },
  });
});

test('a table that is gone fails alone: its neighbours land, and its silver and watermark stay', async () => {
  await lake.query('DELETE FROM dbo.subscriptions WHERE subscription_id <= 10');
  await lake.completed({ mode: 'full' });
  await touchUsers();
  const silver = await lake.filesBelow('silver/youflix/subscriptions');
  const { watermark, movedBy } = await lake.watermark('subscriptions');
  const version = await lake.version('users');
  await lake.query('DROP TABLE dbo.subscriptions');

  const record = await lake.run({ mode: 'incremental' });
  expect(record.status).toBe('Failed');
  expect(failuresOf(record)).toEqual({
    subscriptions: {
      step: 'plan-mssql-extract',
      code: 'sql-208',
      message: expect.stringMatching(/Invalid object name 'dbo\.subscriptions'.*\(error 208\)/),
    },
  });
  expect(tableOf(record, 'users')).toMatchObject({ outcome: 'ok', version: version + 1 });
  expect(await lake.filesBelow('silver/youflix/subscriptions')).toEqual(silver);
  expect(await lake.watermark('subscriptions')).toMatchObject({ watermark, movedBy });
});

test('a server that is not there at all', async () => {
  await using away = await raiseTestLake({
    fill: async () => undefined,
    settings: usual => ({
      ...usual,
      // Port 1 is nobody's.
      YOUFLIX_SQL_CONNECTION: usual['YOUFLIX_SQL_CONNECTION']?.replace(/127\.0\.0\.1,\d+/, '127.0.0.1,1') ?? '',
    }),
  });
  const record = await away.run({ mode: 'full' });
  expect(record.status).toBe('Failed');
  for (const table of record.tables)
    expect(table.failure).toMatchObject({
      code: 'transient',
      message: expect.stringMatching(/connect.*127\.0\.0\.1:1/),
    });
  expect(await away.filesBelow('silver')).toEqual({});
  expect((await away.watermark('users')).watermark).toBeNull();
});
