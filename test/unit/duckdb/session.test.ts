import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DuckDbSession, openDuckDb, sqlName, sqlText } from '../../../shared/duckdb/session.ts';

let scratch: string;
let duckdb: DuckDbSession;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'duckdb-test-'));
  duckdb = await openDuckDb({ scratch, memoryLimitMiB: 64 });
});

afterAll(async () => {
  duckdb.close();
  await rm(scratch, { recursive: true, force: true });
});

test('it runs in UTC, in bounded memory, and looks for nothing on the network', async () => {
  const names = ['TimeZone', 'memory_limit', 'threads', 'autoinstall_known_extensions', 'autoload_known_extensions'];
  const rows = await duckdb.rows(`SELECT name, value FROM duckdb_settings() WHERE name IN (${names.map(sqlText)})`);
  expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual({
    TimeZone: 'UTC',
    memory_limit: '64.0 MiB',
    threads: '2',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
});

test('numbers beyond a double arrive as text, digit for digit; parameters are bound', async () => {
  const [row] = await duckdb.rows('SELECT $1::BIGINT AS id, 0.10::DECIMAL(38,2) AS price, $2 AS name, $3 AS nothing', [
    2n ** 62n + 1n,
    "O'Hara",
    null,
  ]);
  expect(row).toEqual({ id: '4611686018427387905', price: '0.10', name: "O'Hara", nothing: null });
});

test('forks see the tables and the time zone of the session, and outlive nothing', async () => {
  await duckdb.run('CREATE TABLE shared_rows AS SELECT 1 AS id');
  using fork = await duckdb.fork();
  expect(await fork.rows("SELECT id, current_setting('TimeZone') AS zone FROM shared_rows")).toEqual([
    { id: 1, zone: 'UTC' },
  ]);
  await duckdb.run('DROP TABLE shared_rows');
});

test('an error names what DuckDB said and the statement', async () => {
  await expect(duckdb.run('SELECT * FROM no_such_table')).rejects.toMatchObject({
    code: 'duckdb',
    message: expect.stringMatching(/no_such_table.*statement: SELECT \* FROM no_such_table/s),
  });
});

test('a sort that does not fit into memory spills and finishes', async () => {
  const [row] = await duckdb.rows(
    'SELECT count(*) AS rows FROM (SELECT md5(i::VARCHAR) AS text FROM range(2_000_000) t(i) ORDER BY text OFFSET 1)',
  );
  expect(row).toEqual({ rows: '1999999' });
});

test('any text survives quoting, as literal and as name', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 20 }), async text => {
      expect(await duckdb.rows(`SELECT ${sqlText(text)} AS text`)).toEqual([{ text }]);
      const name = `n${text.replaceAll('\0', '')}`;
      expect(await duckdb.rows(`SELECT 1 AS ${sqlName(name)}`)).toEqual([{ [name]: 1 }]);
    }),
    { numRuns: 200 },
  );
});
