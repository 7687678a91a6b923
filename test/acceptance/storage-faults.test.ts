/** The lake's storage in trouble: whatever is lost on the way, a run ends as an undisturbed one does, or says why it cannot. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startRun, waitForRun } from '../../local/app-client.ts';
import type { Fault, FaultAction } from '../../local/faults.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { failuresOf, stepOf, tableOf } from './raised-lake.ts';
import { raiseTestLake, type TestLake } from './test-lake.ts';

let lake: TestLake;

const users = { mode: 'incremental', tables: ['users'] };
const everyTry = 200;

beforeAll(async () => {
  lake = await raiseTestLake();
  await lake.completed({ mode: 'full' });
});

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

function disturb(operation: string, action: FaultAction, more: Partial<Fault> = {}): { readonly fired: number } {
  return lake.faults.add({ service: 'storage', operation, action, ...more });
}

/** When each storage operation was reached, by its name; runs until `stop`. */
function watch(): { readonly seen: { operation: string; atMs: number }[]; readonly stop: () => void } {
  const seen: { operation: string; atMs: number }[] = [];
  const stop = lake.faults.observe(({ service, operation, phase }) => {
    if (service === 'storage' && phase === 'before') seen.push({ operation, atMs: performance.now() });
  });
  return { seen, stop };
}

async function changeUsers(): Promise<void> {
  await lake.query(
    'UPDATE dbo.users SET marketing_opt_in = 1 - marketing_opt_in, modified_at = SYSUTCDATETIME() WHERE user_id % 3 = 0',
  );
}

/** Changes some users and carries them through the fault: once, whole, and nothing left lying about. */
async function carriesChangesOnce(): Promise<RunRecord> {
  await changeUsers();
  const version = await lake.version('users');
  const record = await lake.completed(users);
  expect(stepOf(record, 'users', 'extract').rowsOut).toBe(100);
  expect(tableOf(record, 'users').version).toBe(version + 1);
  expect(await lake.version('users')).toBe(version + 1);
  expect((await lake.watermark('users')).movedBy).toBe(record.runId);
  await lake.expectSilverIsSource();
  return record;
}

test.each([
  ['CREATE of a staged file', 'CREATE bronze/_staging/*'],
  ['APPEND', 'APPEND bronze/_staging/*'],
  ['FLUSH', 'FLUSH bronze/_staging/*'],
  ['RENAME of bronze', 'RENAME bronze/youflix/*.csv'],
  ['RENAME of a data file', 'RENAME silver/youflix/users/*.parquet'],
  ['RENAME of a Delta commit', 'RENAME silver/youflix/users/_delta_log/*.json'],
  ['RENAME of the watermark', 'RENAME control/watermarks/youflix/users.json'],
  ['RENAME of the run record', 'RENAME control/runs/*'],
  ['RENAME of the lock', 'RENAME control/locks/youflix.json'],
])('effect done, answer lost: %s', async (_what, operation) => {
  const fault = disturb(operation, { kind: 'reset' }, { phase: 'after' });
  await carriesChangesOnce();
  expect(fault.fired).toBe(1);
});

test.each<[string, string, FaultAction]>([
  ['an upload is cut in its middle', 'APPEND bronze/_staging/*', { kind: 'reset', afterBytes: 3000 }],
  ['bronze is cut while it is read', 'GET bronze/youflix/users/*', { kind: 'reset', afterBytes: 3000 }],
  ['a data file is cut while it is read', 'GET silver/youflix/users/*.parquet', { kind: 'reset', afterBytes: 1000 }],
  [
    'a Delta commit is cut while it is read',
    'GET silver/youflix/users/_delta_log/*',
    { kind: 'reset', afterBytes: 10 },
  ],
  ['the watermark is cut while it is read', 'GET control/watermarks/*', { kind: 'reset', afterBytes: 10 }],
  ['a request gets no answer at all', 'FLUSH silver/_staging/*', { kind: 'reset' }],
])('%s', async (_what, operation, action) => {
  const fault = disturb(operation, action);
  await carriesChangesOnce();
  expect(fault.fired).toBe(1);
});

test.each([
  ['429 on a write', 'RENAME bronze/youflix/users/*', 429, 'TooManyRequests'],
  ['503 on a write', 'RENAME control/watermarks/*', 503, 'ServerBusy'],
  ['503 on a read', 'GET bronze/youflix/users/*', 503, 'ServerBusy'],
])('%s with Retry-After: not asked again before the time', async (_what, operation, status, code) => {
  disturb(operation, { kind: 'status', status, code, retryAfterSeconds: 1 });
  const { seen, stop } = watch();
  await carriesChangesOnce();
  stop();
  const [start = ''] = operation.split('*');
  const [first, second] = seen.filter(point => point.operation.startsWith(start));
  expect(second?.operation).toBe(first?.operation);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
});

test('the receipt of a step tells how often its calls were repeated', async () => {
  const faults = ['CREATE bronze/_staging/*', 'APPEND bronze/_staging/*'].map(operation =>
    disturb(operation, { kind: 'status', status: 503, code: 'ServerBusy' }),
  );
  const record = await carriesChangesOnce();
  expect(faults.map(({ fired }) => fired)).toEqual([1, 1]);
  expect(tableOf(record, 'users').steps.map(step => [step.name, step.retries])).toEqual([
    ['extract', 2],
    ['merge', 0],
    ['reconcile', 0],
  ]);
});

test('a storm of 500s, within the budget, passes unnoticed', async () => {
  const action: FaultAction = { kind: 'status', status: 500, code: 'InternalError' };
  const faults = Array.from({ length: 20 }, (_, number) => disturb('*', action, { skip: number * 2 }));
  await carriesChangesOnce();
  expect(faults.map(({ fired }) => fired)).toEqual(faults.map(() => 1));
});

test('a storage that stays busy uses up the budget, and the run fails by name', async () => {
  await changeUsers();
  const silver = await lake.filesBelow('silver/youflix');
  const { watermark, movedBy } = await lake.watermark('users');
  disturb('CREATE bronze/_staging/*', { kind: 'status', status: 503, code: 'ServerBusy' }, { times: everyTry });
  const { seen, stop } = watch();
  const record = await lake.run(users);
  stop();
  expect(record.status).toBe('Failed');
  expect(failuresOf(record)).toEqual({
    users: {
      step: 'extract-mssql-table',
      code: 'transient',
      message: expect.stringMatching(/create bronze\/_staging\/.*503 ServerBusy/),
    },
  });
  // Five calls in each of three tries of the activity (orchestrations/retry-policies.ts).
  expect(seen.filter(({ operation }) => operation.startsWith('CREATE bronze/_staging/'))).toHaveLength(15);
  expect(await lake.watermark('users')).toMatchObject({ watermark, movedBy });
  expect(await lake.filesBelow('silver/youflix')).toEqual(silver);
  lake.faults.clear();
  await lake.completed(users);
  await lake.expectSilverIsSource();
});

test('a commit that is forbidden fails its table alone, and the next run carries what it could not', async () => {
  await changeUsers();
  await lake.query('UPDATE dbo.plans SET max_screens = max_screens + 1, modified_at = SYSUTCDATETIME()');
  const log = await lake.filesBelow('silver/youflix/users/_delta_log');
  const { watermark, movedBy } = await lake.watermark('users');
  const version = await lake.version('plans');
  const forbidden: FaultAction = { kind: 'status', status: 403, code: 'AuthorizationPermissionMismatch' };
  disturb('RENAME silver/youflix/users/_delta_log/*', forbidden, { times: everyTry });

  const record = await lake.run({ mode: 'incremental' });
  expect(record.status).toBe('Failed');
  expect(failuresOf(record)).toEqual({
    users: {
      step: 'merge-silver-table',
      code: 'AuthorizationPermissionMismatch',
      message: expect.stringMatching(
        /rename silver\/youflix\/users\/_delta_log\/.*403 AuthorizationPermissionMismatch/,
      ),
    },
  });
  expect(tableOf(record, 'plans').version).toBe(version + 1);
  expect(await lake.filesBelow('silver/youflix/users/_delta_log')).toEqual(log);
  expect(await lake.watermark('users')).toMatchObject({ watermark, movedBy });

  lake.faults.clear();
  await lake.completed({ mode: 'incremental' });
  await lake.expectSilverIsSource();
});

test('a watermark that cannot be moved is caught up by the next run, and nothing is doubled', async () => {
  await changeUsers();
  const { watermark } = await lake.watermark('users');
  const version = await lake.version('users');
  // The first write reserves the run's number, the second one moves the watermark.
  const forbidden: FaultAction = { kind: 'status', status: 403, code: 'AuthorizationPermissionMismatch' };
  disturb('RENAME control/watermarks/youflix/users.json', forbidden, { skip: 1, times: everyTry });
  const record = await lake.run(users);
  expect(failuresOf(record)).toMatchObject({ users: { step: 'commit-watermark' } });
  expect((await lake.watermark('users')).watermark).toBe(watermark);
  await lake.expectSilverIsSource();

  lake.faults.clear();
  const again = await lake.completed(users);
  expect(stepOf(again, 'users', 'extract').rowsOut).toBe(100);
  expect(stepOf(again, 'users', 'merge').rowsOut).toBe(0);
  expect(await lake.version('users')).toBeLessThanOrEqual(version + 2);
  await lake.expectSilverIsSource();
});

test('bronze that was changed behind our back is not merged', async () => {
  await changeUsers();
  const silver = await lake.filesBelow('silver/youflix');
  // Between the extract and the merge: the merge is about to read the file.
  const stop = lake.faults.observe(async ({ operation, phase }) => {
    if (phase === 'before' && operation.startsWith('GET bronze/youflix/users/'))
      await appendFile(join(lake.folder, operation.slice('GET '.length)), '1,2,3\n');
  });
  const record = await lake.run(users);
  stop();
  expect(failuresOf(record)).toMatchObject({
    users: { step: 'merge-silver-table', code: 'bronze-changed', message: expect.stringMatching(/expected \d+ bytes/) },
  });
  expect(await lake.filesBelow('silver/youflix')).toEqual(silver);
  await lake.completed(users);
  await lake.expectSilverIsSource();
});

test('a run whose record cannot be kept is reported as failed all the same, and the next one runs', async () => {
  const forbidden: FaultAction = { kind: 'status', status: 403, code: 'AuthorizationPermissionMismatch' };
  disturb('RENAME control/runs/*', forbidden, { times: everyTry });
  const runId = await startRun(lake.app.url, 'youflix', users);
  await expect(waitForRun(lake.app.url, runId, 20_000)).rejects.toThrow(/ended as Failed without a record/);
  lake.faults.clear();
  await carriesChangesOnce();
});
