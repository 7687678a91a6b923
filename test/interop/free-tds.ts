/** FreeTDS, the TDS library of the free world: its tools `tsql` and `bsqldb` log in and query the database. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sql from 'mssql';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import { commandFrom } from './install.ts';
import type { Outsider } from './outsider.ts';

/** Needs Debian's freetds-bin. */
export const freeTds: Outsider = {
  name: 'FreeTDS',
  async install() {
    await commandFrom('freetds-bin', 'bsqldb');
    return meet;
  },
};

/** Sections of freetds.conf: the ways to reach the database. */
const ways = { plain: 'encryption = off', encrypted: 'encryption = require', login: 'encryption = request' } as const;
/** One that trusts the system's authorities only, which ours is not among. */
const distrustful = 'distrustful';

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function meet({ sqlserver, versions }: FilledLake, { check }: Checks): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-freetds-'));
  const configuration = join(folder, 'freetds.conf');
  const common = ['host = 127.0.0.1', `port = ${sqlserver.port}`, 'client charset = UTF-8'];
  const trust = [`ca file = ${sqlserver.caFile}`, 'check certificate hostname = yes'];
  const sections = Object.entries(ways).map(([name, way]) => [`[${name}]`, ...common, ...trust, way].join('\n'));
  sections.push([`[${distrustful}]`, ...common, 'ca file = system', ways.encrypted].join('\n'));
  await writeFile(configuration, `${sections.join('\n')}\n`);

  const login = (password: string): string[] => ['-U', sqlserver.user, '-P', password, '-D', sqlserver.database];
  const tsql = (
    way: keyof typeof ways | typeof distrustful,
    batch: string,
    password = sqlserver.password,
  ): Promise<Answer> => run('tsql', ['-S', way, ...login(password), '-o', 'fhq'], `${batch}\nGO\nexit\n`);
  const bsqldb = (batch: string): Promise<Answer> =>
    run('bsqldb', ['-S', 'plain', ...login(sqlserver.password), '-h', '-q', '-t', '|'], `${batch}\nGO\n`);

  async function run(command: string, args: readonly string[], input: string): Promise<Answer> {
    const environment = { ...process.env, FREETDSCONF: configuration, TDSVER: '7.4', LC_ALL: 'C.UTF-8' };
    const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
      child.stdin.end(input),
    ]);
    return { code, stdout: stdout.trim(), stderr: stderr.trim() };
  }

  try {
    const [, source] = versions;
    for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
      await check(`FreeTDS: tsql counts every table, connection ${way}`, async () => {
        for (const [table, { silver }] of source) {
          assert.equal((await tsql(way, `SELECT COUNT(*) FROM dbo.${table}`)).stdout, String(silver.rows));
        }
      });
    }
    await check('FreeTDS: a certificate of an unknown authority ends the connection', async () => {
      const { code, stdout } = await tsql(distrustful, 'SELECT 1');
      assert.notEqual(code, 0);
      assert.equal(stdout.split('\n').includes('1'), false);
    });
    await check('FreeTDS: tsql joins and groups', async () => {
      const batch = `SELECT p.name, COUNT(*) FROM dbo.subscriptions s JOIN dbo.plans p ON p.plan_id = s.plan_id
        GROUP BY p.name ORDER BY p.name`;
      const { stdout } = await tsql('plain', batch);
      assert.deepEqual(stdout.split('\n'), await rowsOfMssql(sqlserver.connectionString, batch));
    });
    await check('FreeTDS: tsql reads and writes Unicode, in a transaction rolled back', async () => {
      const name = 'Ünïcødé 日本語 🎬';
      const { stdout } = await tsql(
        'plain',
        `SET NOCOUNT ON
         BEGIN TRAN
         UPDATE dbo.users SET display_name = N'${name}' WHERE user_id = 1
         SELECT display_name FROM dbo.users WHERE display_name = N'${name}'
         ROLLBACK`,
      );
      assert.equal(stdout, name);
    });
    await check('FreeTDS: tsql is told number, severity and text of an error', async () => {
      const { stdout, stderr } = await tsql('plain', 'SELECT * FROM dbo.nowhere');
      assert.match(`${stdout}\n${stderr}`, /Msg 208 .*[\s\S]*Invalid object name 'dbo\.nowhere'/);
    });
    await check('FreeTDS: a wrong password is refused', async () => {
      const { code, stdout, stderr } = await tsql('plain', 'SELECT 1', 'wrong');
      assert.notEqual(code, 0);
      assert.match(`${stdout}\n${stderr}`, /Login failed/);
    });
    await check('FreeTDS: bsqldb reads numbers, texts and dates', async () => {
      // Its library knows neither uniqueidentifier nor the newer types of time, on no server.
      const batch = `SELECT TOP 5 user_id, CONVERT(char(36), external_id), email, CONVERT(char(10), birth_date, 23),
          CONVERT(int, marketing_opt_in), CONVERT(varchar(23), created_at, 121), CONVERT(varchar(27), modified_at, 121)
        FROM dbo.users ORDER BY user_id`;
      const { stdout, stderr } = await bsqldb(batch);
      const lines = stdout.split('\n').map(line => line.split('|').map(field => field.trim()));
      const fields = lines.map(line => line.join('\t'));
      assert.deepEqual(fields, await rowsOfMssql(sqlserver.connectionString, batch), stderr);
    });
    await check('FreeTDS: bsqldb adds up prices exactly', async () => {
      const total = 'SELECT CONVERT(varchar(41), SUM(price)) FROM dbo.subscriptions';
      const { stdout } = await bsqldb('SELECT SUM(price) FROM dbo.subscriptions');
      assert.deepEqual([stdout], await rowsOfMssql(sqlserver.connectionString, total));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rows as Microsoft's driver for Node has them, their values separated by tabs as `tsql` prints them. */
async function rowsOfMssql(connectionString: string, batch: string): Promise<string[]> {
  const pool = await new sql.ConnectionPool(connectionString).connect();
  try {
    const request = pool.request();
    request.arrayRowMode = true;
    const { recordset } = await request.query(batch);
    // In this mode the rows are arrays, whatever the types say.
    const rows = recordset as unknown as readonly (readonly unknown[])[];
    return rows.map(row => row.map(value => String(value ?? 'NULL')).join('\t'));
  } finally {
    await pool.close();
  }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
