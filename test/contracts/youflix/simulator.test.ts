import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDatabase } from '../../../local/youflix/seed.ts';
import { simulate, startSimulator } from '../../../local/youflix/simulator.ts';
import { startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
  await seedDatabase({ connection: platform.connection, scale: 'small', seed: 1 });
});
afterAll(() => platform.close());

const tables = ['plans', 'users', 'subscriptions'] as const;

/** The newest change of each table, as a copier keeps it. */
async function watermarks(): Promise<Record<string, string>> {
  const columns = tables.map(
    table => `(SELECT CONVERT(varchar(27), MAX(modified_at), 121) FROM dbo.${table}) AS ${table}`,
  );
  const [row] = await platform.query<Record<string, string>>(`SELECT ${columns.join(', ')}`);
  return row ?? {};
}

/** How many rows an incremental run would find after these watermarks. */
async function rowsAfter(marks: Record<string, string>): Promise<Record<string, number>> {
  const columns = tables.map(
    table =>
      `(SELECT COUNT(*) FROM dbo.${table} WHERE modified_at > CAST('${marks[table]}' AS datetime2(7))) AS ${table}`,
  );
  const [row] = await platform.query<Record<string, number>>(`SELECT ${columns.join(', ')}`);
  return row ?? {};
}

async function totals(): Promise<Record<string, number>> {
  const columns = tables.map(table => `(SELECT COUNT(*) FROM dbo.${table}) AS ${table}`);
  const [row] = await platform.query<Record<string, number>>(`SELECT ${columns.join(', ')}`);
  return row ?? {};
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

describe('a number of changes', () => {
  test('is made exactly, and touches the rows that the report counts', async () => {
    const before = await watermarks();
    const report = await simulate({ connection: platform.connection, seed: 7, changes: 200 });
    expect(sum(report.changes)).toBe(200);
    expect(Object.keys(report.changes).length).toBeGreaterThanOrEqual(6);
    expect(report.changes).not.toHaveProperty('hard-delete');
    expect(await rowsAfter(before)).toEqual(report.rows);
    expect(report.removed).toEqual({ plans: 0, users: 0, subscriptions: 0 });
  });

  test('brings nobody twice, with the same seed again', async () => {
    const seed = { connection: platform.connection, seed: 11, changes: 20 };
    await simulate(seed);
    await simulate(seed);
    expect(await platform.query('SELECT COUNT(*) - COUNT(DISTINCT email) AS doubled FROM dbo.users')).toEqual([
      { doubled: 0 },
    ]);
  });

  test('is made in spite of deadlocks, update conflicts and a cut connection', async () => {
    const before = await totals();
    for (const number of [1205, 3960]) {
      platform.faults.add({
        service: 'sqlserver',
        operation: 'UPDATE dbo.*',
        action: { kind: 'sql-error', number },
        skip: 2,
        times: 2,
      });
    }
    platform.faults.add({ service: 'sqlserver', operation: 'INSERT INTO dbo.subs*', action: { kind: 'reset' } });
    const report = await simulate({ connection: platform.connection, seed: 5, changes: 40 });
    expect(sum(report.changes)).toBe(40);
    // The sign-up that was cut off before its subscription left no user behind.
    expect((await totals())['users']).toBe((before['users'] ?? 0) + (report.changes['sign-up'] ?? 0));
  });

  test('ends with the error that does not pass', async () => {
    platform.faults.add({
      service: 'sqlserver',
      operation: 'UPDATE dbo.*',
      action: { kind: 'sql-error', number: 547 },
    });
    await expect(simulate({ connection: platform.connection, seed: 6, changes: 50 })).rejects.toMatchObject({
      number: 547,
    });
    platform.faults.clear();
  });

  test('removes rows for good only when asked to', async () => {
    const before = await totals();
    const report = await simulate({ connection: platform.connection, seed: 8, changes: 150, hardDeletes: true });
    const after = await totals();
    expect(report.changes['hard-delete']).toBeGreaterThan(0);
    expect(report.removed.users).toBe(report.changes['hard-delete']);
    expect(after['users']).toBe((before['users'] ?? 0) + (report.changes['sign-up'] ?? 0) - report.removed.users);
  });
});

describe('the live simulator', () => {
  test('changes rows until it is stopped', async () => {
    const before = await watermarks();
    const simulator = startSimulator({ connection: platform.connection, seed: 9, rate: 200 });
    while (sum(await rowsAfter(before)) < 5);
    const report = await simulator.stop();
    expect(await rowsAfter(before)).toEqual(report.rows);
    expect(await simulator.ended).toEqual(report);
  });

  test('reports a database that cannot be reached when it is stopped', async () => {
    const simulator = startSimulator({ connection: 'Server=127.0.0.1,1;Encrypt=false', seed: 9, rate: 200 });
    await expect(simulator.stop()).rejects.toThrow(/127\.0\.0\.1:1/);
  });

  test('says that an empty database wants to be seeded', async () => {
    const empty = await startPlatform();
    try {
      await expect(simulate({ connection: empty.connection, seed: 1, changes: 1 })).rejects.toThrow(/seed it first/);
    } finally {
      await empty.close();
    }
  });
});

describe('the command', () => {
  // The server lives in this process, so the command must not block it.
  const youflix = (...flags: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise(resolve => {
      const script = fileURLToPath(new URL('../../../local/youflix/main.ts', import.meta.url));
      execFile(process.execPath, [script, ...flags], (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });

  test('seeds and simulates', async () => {
    const seeded = await youflix('seed', '--scale', 'small', '--connection', platform.connection);
    expect(seeded.stdout).toMatch(/^YouFlix database, as it was: 6 plans, /);
    const simulated = await youflix('simulate', '--changes', '3', '--seed', '4', '--connection', platform.connection);
    expect(sum(JSON.parse(simulated.stdout).changes)).toBe(3);
  });

  test.each([
    [['seed'], '--connection: expected a connection string, got none'],
    [['seed', '--scale', 'huge', '--connection', 'x'], '--scale: expected small, medium, large, got "huge"'],
    [['simulate', '--rate', '0', '--connection', 'x'], '--rate: expected a whole number from 1 up, got "0"'],
    [['destroy', '--connection', 'x'], 'expected seed or simulate, got "destroy"'],
  ])('refuses %j', async (flags, message) => {
    expect(await youflix(...flags)).toEqual({ code: 1, stdout: '', stderr: `${message}\n` });
  });
});
