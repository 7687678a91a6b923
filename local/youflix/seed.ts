import sql from 'mssql';
import type { Scale } from '../scenarios/scenario.ts';
import { bulkLoad, planTable, subscriptionTable, userTable } from './bulk-tables.ts';
import { inTransaction, withDatabase } from './database.ts';
import { type Population, subscriptionsOf, userAt } from './generator.ts';
import { plans } from './plans.ts';
import type { Subscription, User } from './rows.ts';
import { applySchema } from './schema.ts';

const usersAtScale: Readonly<Record<Scale, number>> = { small: 10_000, medium: 100_000, large: 1_000_000 };

/**
 * Makes the tables where they are missing and fills them where they are empty, in one transaction: an interrupted seed leaves
 * nothing behind. A database that holds users is left as it is.
 *
 * @returns one line on what the database holds
 */
export async function seedDatabase(options: {
  readonly connection: string;
  readonly scale: Scale;
  readonly seed: number;
}): Promise<string> {
  const population = { seed: options.seed, users: usersAtScale[options.scale] };
  return withDatabase(options.connection, async pool => {
    await applySchema(pool);
    const present = await countRows(pool);
    if (present.users > 0) return describe('YouFlix database, as it was', present);
    await inTransaction(pool, transaction => load(transaction, population));
    return describe(`YouFlix database, seed ${options.seed}`, await countRows(pool));
  });
}

async function load(transaction: sql.Transaction, population: Population): Promise<void> {
  await bulkLoad(transaction, planTable, plans);
  await bulkLoad(transaction, userTable, usersOf(population));
  const firstUserId = await firstKey(transaction, population.users);
  await bulkLoad(transaction, subscriptionTable(firstUserId), allSubscriptions(population));
}

function* usersOf(population: Population): Iterable<User> {
  for (let ordinal = 0; ordinal < population.users; ordinal++) yield userAt(population, ordinal);
}

function* allSubscriptions(population: Population): Iterable<Subscription> {
  for (let ordinal = 0; ordinal < population.users; ordinal++) yield* subscriptionsOf(population, ordinal);
}

/** The key of user number 0. An identity goes on after an interrupted seed, so it need not be 1. */
async function firstKey(transaction: sql.Transaction, users: number): Promise<bigint> {
  const { recordset } = await new sql.Request(transaction).query<{ first: string; last: string }>(
    'SELECT MIN(user_id) AS first, MAX(user_id) AS last FROM dbo.users',
  );
  const [first, last] = [BigInt(recordset[0]?.first ?? 0), BigInt(recordset[0]?.last ?? 0)];
  if (last - first + 1n !== BigInt(users)) {
    throw new Error(
      `seed: expected ${users} users with keys in a row, got keys ${first} to ${last}; is somebody else writing to dbo.users?`,
    );
  }
  return first;
}

interface RowCounts {
  readonly plans: number;
  readonly users: number;
  readonly subscriptions: number;
}

async function countRows(pool: sql.ConnectionPool): Promise<RowCounts> {
  const { recordset } = await pool.request().query<RowCounts>(
    `SELECT (SELECT COUNT(*) FROM dbo.plans) AS plans, (SELECT COUNT(*) FROM dbo.users) AS users,
            (SELECT COUNT(*) FROM dbo.subscriptions) AS subscriptions`,
  );
  return recordset[0] ?? { plans: 0, users: 0, subscriptions: 0 };
}

function describe(what: string, { plans, users, subscriptions }: RowCounts): string {
  const number = (value: number): string => value.toLocaleString('en-US');
  return `${what}: ${number(plans)} plans, ${number(users)} users, ${number(subscriptions)} subscriptions`;
}
