/** Settings: what is wrong is said once and whole, and what is secret is never said. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApp } from '../../local/app-process.ts';
import { appSettings, database, storageAccount } from '../../local/settings.ts';
import { failuresOf, type Settings } from './raised-lake.ts';
import { raiseTestLake, type TestLake } from './test-lake.ts';

/** Starts the app with these settings, expects it to give up, and returns what it had logged. */
async function refusedStart(values: Settings): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'youflix-settings-'));
  try {
    const settingsFile = join(folder, 'local.settings.json');
    await writeFile(settingsFile, JSON.stringify({ IsEncrypted: false, Values: values }));
    const logFile = join(folder, 'host.log');
    const start = startApp({ port: 0, dataDir: folder, settingsFile, logFile, certificateAuthority: '' });
    await expect(start).rejects.toThrow(/the app exited before it answered/);
    return await readFile(logFile, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const usual = appSettings({ host: 0, storage: 1, sqlserver: 1, tmdb: 1, eventGrid: 1 }, '');

test('settings that are missing or wrong are named in one error, all of them', async () => {
  const { LAKE_URL: _, YOUFLIX_SCHEDULE: __, ...rest } = usual;
  const log = await refusedStart({
    ...rest,
    YOUFLIX_SQL_CONNECTION: '',
    DUCKDB_MEMORY_MB: 'plenty',
    DUCKDB_THREADS: '0',
    RETRY_FIRST_INTERVAL_SECONDS: 'soon',
  });
  const [line, ...more] = log.match(/The app cannot start, \d+ setting\(s\)/g) ?? [];
  expect(line).toBe('The app cannot start, 6 setting(s)');
  expect(more).toEqual([]);
  for (const named of [
    'LAKE_URL is missing',
    'YOUFLIX_SQL_CONNECTION is missing',
    'YOUFLIX_SCHEDULE is missing',
    'DUCKDB_MEMORY_MB is not valid: expected a whole number above 0',
    'DUCKDB_THREADS is not valid: expected a whole number above 0',
    'RETRY_FIRST_INTERVAL_SECONDS is not valid: expected a number above 0',
  ])
    expect(log).toContain(named);
});

test('a bad URL is named, the secrets beside it are not', async () => {
  const log = await refusedStart({ ...usual, LAKE_URL: 'youflixlake.dfs.core.windows.net' });
  expect(log).toContain("LAKE_URL is not valid: expected the storage account's dfs URL");
  expect(log).not.toContain(database.password);
  expect(log).not.toContain(storageAccount.key);
});

/** Everything the app left behind: log, durable state and lake. Text that compression or encoding hides is not found. */
async function everythingSaid(lake: TestLake): Promise<string> {
  const said: string[] = [];
  for (const folder of ['logs', 'host', 'lake']) {
    const root = join(lake.cloud.dataDir, folder);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) said.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
  return said.join('\n');
}

async function answers(lake: TestLake): Promise<string> {
  const paths = ['health', 'pipelines', 'runs', 'runs?limit=0'];
  const texts = paths.map(async path => (await lake.request(path)).text());
  const refused = (await lake.request('pipelines/youflix/runs', { method: 'POST', body: '{"mode":"x"}' })).text();
  return (await Promise.all([...texts, refused])).join('\n');
}

test('the SQL password stays secret while the login is refused', async () => {
  const canary = 'Canary-sql-4711';
  await using lake = await raiseTestLake({
    fill: async () => undefined,
    settings: settings => ({
      ...settings,
      YOUFLIX_SQL_CONNECTION: settings['YOUFLIX_SQL_CONNECTION']?.replace(database.password, canary) ?? '',
    }),
  });
  const record = await lake.run({ mode: 'full', tables: ['users'] });
  expect(failuresOf(record)).toMatchObject({
    users: { code: 'sql-login', message: expect.stringContaining(database.user) },
  });
  const said = `${JSON.stringify(record)}\n${await answers(lake)}\n${await everythingSaid(lake)}`;
  expect(said).toContain(database.user);
  expect(said).not.toContain(canary);
});

test('the account key stays secret while the storage refuses it', async () => {
  const canary = Buffer.from('canary key of the lake').toString('base64');
  await using lake = await raiseTestLake({
    fill: async () => undefined,
    settings: settings => ({ ...settings, LAKE_ACCOUNT_KEY: canary }),
  });
  const response = await lake.request('pipelines/youflix/runs', { method: 'POST' });
  expect(response.status).toBe(500);
  const refusal = await response.text();
  expect(refusal).toContain('check LAKE_ACCOUNT_KEY');
  const said = `${refusal}\n${await answers(lake)}\n${await everythingSaid(lake)}`;
  expect(said).not.toContain(canary);
  expect(said).not.toContain('canary key of the lake');
});

test('the right secrets stay secret through a run that fails', async () => {
  await using lake = await raiseTestLake();
  const storage = { service: 'storage', operation: 'RENAME bronze/youflix/users/*', times: 50 } as const;
  lake.faults.add({ ...storage, action: { kind: 'status', status: 403, code: 'AuthorizationFailure' } });
  lake.faults.add({ service: 'sqlserver', operation: '*dbo*plans*', action: { kind: 'sql-error', number: 208 } });
  const record = await lake.run({ mode: 'full' });
  expect(Object.keys(failuresOf(record))).toEqual(['plans', 'users']);
  const said = `${JSON.stringify(record)}\n${await answers(lake)}\n${await everythingSaid(lake)}`;
  expect(said).toContain('extract-mssql-table failed');
  expect(said).not.toContain(database.password);
  expect(said).not.toContain(storageAccount.key);
});
