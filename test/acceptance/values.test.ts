/** Values are exact: what is put into the source is in the source, in bronze, and in silver, whatever it is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import sql from 'mssql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bulkLoad, userTable } from '../../local/youflix/bulk-tables.ts';
import { inTransaction, withDatabase } from '../../local/youflix/database.ts';
import { hostileTexts, hugeText } from '../../local/youflix/hostile-text.ts';
import { instant, type User } from '../../local/youflix/rows.ts';
import { systemClock } from '../../shared/clock.ts';
import { readTable } from '../../shared/delta/read.ts';
import { type DuckDbSession, openDuckDb } from '../../shared/duckdb/session.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';
import { stepOf } from './raised-lake.ts';
import { raiseTestLake, type TestLake } from './test-lake.ts';

/** A value as text; NULL is null. */
type Text = string | null;
type TextRow = Readonly<Record<string, Text>>;

let lake: TestLake;
let duckdb: DuckDbSession;

beforeAll(async () => {
  lake = await raiseTestLake({ fill: async () => undefined });
  duckdb = await openDuckDb({ scratch: join(lake.cloud.dataDir, 'scratch') });
});

afterAll(async () => {
  duckdb?.close();
  await lake?.[Symbol.asyncDispose]();
});

/** The CSV of a run's extract, read by a parser that is not ours; unquoted nothing is NULL. */
async function bronze(record: RunRecord, table: string): Promise<TextRow[]> {
  return parse(await readFile(join(lake.folder, stepOf(record, table, 'extract').path)), {
    columns: true,
    record_delimiter: '\n',
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
  });
}

/**
 * Rows of a silver table as texts, by `select` of DuckDB. Free text is asked for by `exact`, and decoded here: the driver drops a
 * byte-order mark at the beginning of a value.
 */
async function silver(table: string, select: string, orderBy: string): Promise<TextRow[]> {
  const scratch = join(lake.cloud.dataDir, 'scratch');
  const engine = { store: directoryStore(lake.folder), duckdb, scratch, clock: systemClock };
  await using reading = await readTable({ table: `silver/youflix/${table}` }, engine);
  const rows = (await duckdb.rows(`SELECT ${select} FROM ${reading.relation} ORDER BY ${orderBy}`)) as TextRow[];
  return rows.map(row =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replace(/^hex_/, ''), decoded(name, value)])),
  );
}

function exact(name: string): string {
  return `hex(${name}) AS hex_${name}`;
}

function decoded(name: string, value: Text): Text {
  return value === null || !name.startsWith('hex_') ? value : Buffer.from(value, 'hex').toString('utf8');
}

function picked(rows: readonly TextRow[], names: readonly string[]): TextRow[] {
  return rows.map(row => Object.fromEntries(names.map(name => [name, row[name] ?? null])));
}

/** 100-nanosecond ticks since 0001-01-01 of `yyyy-mm-dd hh:mi:ss.fffffff`, reckoned without any code of the app. */
function ticks(text: string): string {
  const seconds =
    (Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`) - Date.parse('0001-01-01T00:00:00Z')) / 1000;
  return String(BigInt(seconds) * 10_000_000n + BigInt(text.slice(20)));
}

function insertUser(
  pool: sql.ConnectionPool,
  user: { readonly email: string; readonly displayName: Text; readonly bio: Text },
): Promise<unknown> {
  return pool
    .request()
    .input('email', sql.NVarChar(320), user.email)
    .input('name', sql.NVarChar(200), user.displayName)
    .input('bio', sql.NVarChar(sql.MAX), user.bio)
    .query("INSERT INTO dbo.users (email, display_name, country, bio) VALUES (@email, @name, 'NL', @bio)");
}

const texts: readonly Text[] = [
  ...hostileTexts,
  null,
  '\r',
  '\r\n',
  '"\n"',
  ',',
  ',,',
  '\0',
  'a\0',
  '\t',
  '\u007f\u0001\u001f',
  '\\',
  '\\"',
  '\u{10FFFF}',
  'שלום עולם',
  'n\u0303\u0323',
];

test('hostile text, NULL and the empty text: source = bronze = silver', async () => {
  await withDatabase(lake.cloud.connectionString, async pool => {
    for (const text of texts)
      await insertUser(pool, { email: text ?? 'null@example.com', displayName: text, bio: text });
  });
  const expected = texts.map(text => ({ email: text ?? 'null@example.com', display_name: text, bio: text }));
  const names = ['email', 'display_name', 'bio'];
  expect(await lake.query(`SELECT ${names.join(', ')} FROM dbo.users ORDER BY user_id`)).toEqual(expected);
  const record = await lake.completed({ mode: 'full', tables: ['users'] });
  expect(picked(await bronze(record, 'users'), names)).toEqual(expected);
  expect(await silver('users', names.map(exact).join(', '), 'user_id')).toEqual(expected);
});

test('texts of a mebibyte and more', async () => {
  const huge = [hugeText(), '"'.repeat(2 ** 20), '\r\n'.repeat(2 ** 19), '🎬'.repeat(2 ** 19)];
  await withDatabase(lake.cloud.connectionString, async pool => {
    for (const text of huge) await insertUser(pool, { email: 'huge@example.com', displayName: null, bio: text });
  });
  const record = await lake.completed({ mode: 'incremental', tables: ['users'] });
  const inBronze = (await bronze(record, 'users')).map(row => row['bio']);
  const inSilver = (await silver('users', 'bio', 'user_id')).slice(-huge.length).map(row => row['bio']);
  for (const [index, text] of huge.entries()) {
    // Not toEqual: its report of a difference would be megabytes.
    expect(inBronze[index] === text, `bronze ${index}`).toBe(true);
    expect(inSilver[index] === text, `silver ${index}`).toBe(true);
  }
});

test('numbers at the edges of their types, and padded characters', async () => {
  const rows = [
    { plan_id: '-2147483648', monthly_price: '99999999.99', currency: 'EU ', max_screens: '0', has_ads: '1' },
    { plan_id: '-1', monthly_price: '0.00', currency: '   ', max_screens: '255', has_ads: '0' },
    { plan_id: '2147483647', monthly_price: '0.01', currency: 'EUR', max_screens: '127', has_ads: '1' },
  ];
  const values = rows.map(
    row =>
      `(${row.plan_id}, N'plan ${row.plan_id}', ${row.monthly_price}, '${row.currency.trim()}', ${row.max_screens}, ${row.has_ads})`,
  );
  await lake.query(
    `INSERT INTO dbo.plans (plan_id, name, monthly_price, currency, max_screens, has_ads) VALUES ${values.join(', ')}`,
  );
  const record = await lake.completed({ mode: 'full', tables: ['plans'] });
  expect(picked(await bronze(record, 'plans'), Object.keys(rows[0] ?? {}))).toEqual(rows);
  const select =
    'plan_id::VARCHAR AS plan_id, monthly_price::VARCHAR AS monthly_price, currency, max_screens::VARCHAR AS max_screens, has_ads::INT::VARCHAR AS has_ads';
  expect(await silver('plans', select, 'plan_id::INT')).toEqual(rows);
});

test('negative and large decimals, and times to the second', async () => {
  const rows = [
    { price: '-99999999.99', started_at: '0001-01-01 00:00:00', ended_at: null },
    { price: '-0.01', started_at: '1969-12-31 23:59:59', ended_at: '1970-01-01 00:00:00' },
    { price: '99999999.99', started_at: '2024-02-29 12:00:00', ended_at: '9999-12-31 23:59:59' },
  ];
  const [user] = await lake.query<{ id: string }>('SELECT MIN(user_id) AS id FROM dbo.users');
  for (const row of rows) {
    const end = row.ended_at === null ? 'NULL' : `'${row.ended_at}'`;
    await lake.query(`INSERT INTO dbo.subscriptions (user_id, plan_id, status, price, started_at, ended_at)
      VALUES (${user?.id}, -1, N'active', ${row.price}, '${row.started_at}', ${end})`);
  }
  const record = await lake.completed({ mode: 'full', tables: ['subscriptions'] });
  expect(picked(await bronze(record, 'subscriptions'), Object.keys(rows[0] ?? {}))).toEqual(rows);
  // Not strftime: it would leave out the zeros of year 1.
  const select = ['price', 'started_at', 'ended_at'].map(name =>
    name === 'price' ? 'price::VARCHAR AS price' : `timezone('UTC', ${name})::VARCHAR AS ${name}`,
  );
  expect(await silver('subscriptions', select.join(', '), 'subscription_id')).toEqual(rows);
});

// A datetime2(7) of the local SQL Server keeps 100 ns from 1678 to 2262 only; the other types reach from year 1 to 9999.
test('dates and times at their edges, to the last of seven digits', async () => {
  const rows = [
    { birth_date: '0001-01-01', created_at: '0001-01-01 00:00:00.000', modified_at: '1700-01-01 00:00:00.0000001' },
    { birth_date: '1582-10-10', created_at: '1969-12-31 23:59:59.999', modified_at: '1969-12-31 23:59:59.9999999' },
    { birth_date: '1900-02-28', created_at: '1970-01-01 00:00:00.001', modified_at: '1970-01-01 00:00:00.0000001' },
    { birth_date: null, created_at: '2024-02-29 00:00:00.120', modified_at: '2024-02-29 23:59:59.1234567' },
    { birth_date: '9999-12-31', created_at: '9999-12-31 23:59:59.999', modified_at: '2261-12-31 23:59:59.9999999' },
  ];
  for (const { birth_date, created_at, modified_at } of rows) {
    const birth = birth_date === null ? 'NULL' : `'${birth_date}'`;
    await lake.query(`INSERT INTO dbo.users (email, country, birth_date, created_at, modified_at)
      VALUES (N'edge@example.com', 'X', ${birth}, '${created_at}', '${modified_at}')`);
  }
  const record = await lake.completed({ mode: 'full', tables: ['users'] });
  const inBronze = (await bronze(record, 'users')).filter(row => row['email'] === 'edge@example.com');
  expect(picked(inBronze, Object.keys(rows[0] ?? {}))).toEqual(rows);
  expect(inBronze.map(row => row['country'])).toEqual(rows.map(() => 'X '));

  const select = `email, country, birth_date::VARCHAR AS birth_date, epoch_us(created_at)::VARCHAR AS created_us,
    epoch_us(modified_at)::VARCHAR AS modified_us, modified_at_ticks::VARCHAR AS modified_ticks`;
  const inSilver = (await silver('users', select, 'user_id')).filter(row => row['email'] === 'edge@example.com');
  const epoch = BigInt(ticks('1970-01-01 00:00:00.0000000')) / 10n;
  const microseconds = (text: string): string => String(BigInt(ticks(text)) / 10n - epoch);
  expect(inSilver).toEqual(
    rows.map(row => ({
      email: 'edge@example.com',
      country: 'X ',
      birth_date: row.birth_date,
      created_us: microseconds(`${row.created_at}0000`),
      modified_us: microseconds(row.modified_at),
      modified_ticks: ticks(row.modified_at),
    })),
  );
});

/** Later than every row so far, so that an incremental run finds them. */
const firstMs = Date.parse('2262-01-01T00:00:00Z');

const snippets = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '\0',
  ' ',
  '=',
  "'",
  '\\',
  '\\N',
  'NULL',
  'é',
  '👍',
  '\u202E',
];
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...snippets), { maxLength: 12 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const anyUser: fc.Arbitrary<User> = fc.record({
  externalId: fc.uuid(),
  email: anyText,
  displayName: fc.option(anyText),
  country: fc.constantFrom('NL', 'DE', 'X'),
  birthDate: fc.option(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
  marketingOptIn: fc.boolean(),
  bio: fc.option(anyText),
  isDeleted: fc.boolean(),
  createdAt: fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  modifiedAt: fc
    .tuple(fc.integer({ min: 0, max: 86_400_000 }), fc.integer({ min: 0, max: 9999 }))
    .map(([ms, ticksBelow]) => instant(firstMs + ms, ticksBelow)),
});

test('any users at all, a few hundred at once, in one incremental run', async () => {
  const generated = fc.sample(anyUser, { numRuns: 400, seed: 20 });
  const expected = generated.map((user, index) => {
    const stamp = user.modifiedAt.toISOString();
    const below = String(Math.round(user.modifiedAt.nanosecondDelta * 1e7)).padStart(4, '0');
    return {
      email: `${index}:${user.email}`,
      external_id: user.externalId.toUpperCase(),
      display_name: user.displayName,
      country: user.country.padEnd(2),
      birth_date: user.birthDate?.toISOString().slice(0, 10) ?? null,
      marketing_opt_in: user.marketingOptIn ? '1' : '0',
      bio: user.bio,
      is_deleted: user.isDeleted ? '1' : '0',
      created_at: user.createdAt.toISOString().replace('T', ' ').replace('Z', ''),
      modified_at: `${stamp.replace('T', ' ').replace('Z', '')}${below}`,
    };
  });
  const named = generated.map((user, index) => ({ ...user, email: `${index}:${user.email}` }));
  await withDatabase(lake.cloud.connectionString, pool =>
    inTransaction(pool, transaction => bulkLoad(transaction, userTable, named)),
  );

  const record = await lake.completed({ mode: 'incremental', tables: ['users'] });
  expect(stepOf(record, 'users', 'extract').rowsOut).toBe(generated.length);
  const byEmail = (rows: readonly TextRow[]): TextRow[] =>
    [...rows].sort((a, b) => Number.parseInt(a['email'] ?? '', 10) - Number.parseInt(b['email'] ?? '', 10));
  const names = Object.keys(expected[0] ?? {});
  expect(byEmail(picked(await bronze(record, 'users'), names))).toEqual(expected);

  const select = `${['email', 'display_name', 'bio'].map(exact).join(', ')}, external_id, country,
    birth_date::VARCHAR AS birth_date, marketing_opt_in::INT::VARCHAR AS marketing_opt_in, is_deleted::INT::VARCHAR AS is_deleted,
    modified_at_ticks::VARCHAR AS modified_ticks`;
  const inSilver = (await silver('users', select, 'user_id')).slice(-generated.length);
  expect(byEmail(inSilver)).toEqual(
    expected.map(({ created_at: _, modified_at, ...row }) => ({ ...row, modified_ticks: ticks(modified_at) })),
  );
});
