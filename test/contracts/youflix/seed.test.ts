import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscriptionsOf, userAt } from '../../../local/youflix/generator.ts';
import { plans } from '../../../local/youflix/plans.ts';
import type { Instant } from '../../../local/youflix/rows.ts';
import { seedDatabase } from '../../../local/youflix/seed.ts';
import { startPlatform, type TestPlatform } from './platform.ts';

const population = { seed: 1, users: 10_000 };
const users = Array.from({ length: population.users }, (_, ordinal) => userAt(population, ordinal));
const subscriptions = users.flatMap((_, ordinal) => subscriptionsOf(population, ordinal));

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const countsQuery = `SELECT (SELECT COUNT(*) FROM dbo.plans) AS plans, (SELECT COUNT(*) FROM dbo.users) AS users,
  (SELECT COUNT(*) FROM dbo.subscriptions) AS subscriptions`;

describe('a seed', () => {
  test('that is cut off leaves nothing behind, and the next one does all of it', async () => {
    platform.faults.add({
      service: 'sqlserver',
      operation: 'insert bulk*subscriptions*',
      action: { kind: 'reset' },
    });
    await expect(seedDatabase({ connection: platform.connection, scale: 'small', seed: 1 })).rejects.toThrow();
    expect(await platform.query(countsQuery)).toEqual([{ plans: 0, users: 0, subscriptions: 0 }]);

    const line = await seedDatabase({ connection: platform.connection, scale: 'small', seed: 1 });
    expect(line).toBe(
      `YouFlix database, seed 1: 6 plans, 10,000 users, ${subscriptions.length.toLocaleString('en-US')} subscriptions`,
    );
  });

  test('of a database that holds users leaves it as it is', async () => {
    const line = await seedDatabase({ connection: platform.connection, scale: 'medium', seed: 2 });
    expect(line).toMatch(/^YouFlix database, as it was: 6 plans, 10,000 users/);
  });
});

describe('what the database holds is what was generated', () => {
  test('plans', async () => {
    const rows = await platform.query(
      `SELECT plan_id, name, CONVERT(varchar(40), monthly_price) AS price, currency, max_screens, has_ads, description, is_deleted,
              CONVERT(varchar(27), created_at, 121) AS created_at, CONVERT(varchar(27), modified_at, 121) AS modified_at
       FROM dbo.plans ORDER BY plan_id`,
    );
    expect(rows).toEqual(
      plans.map(plan => ({
        plan_id: plan.planId,
        name: plan.name,
        price: plan.monthlyPrice.toFixed(2),
        currency: plan.currency,
        max_screens: plan.maxScreens,
        has_ads: plan.hasAds,
        description: plan.description,
        is_deleted: plan.isDeleted,
        created_at: sqlTime(plan.createdAt, 3),
        modified_at: instantText(plan.modifiedAt),
      })),
    );
  });

  test('users, to the last character and the last 100 nanoseconds', async () => {
    const rows = await platform.query<Record<string, unknown>>(
      `SELECT external_id, email, display_name, country, CONVERT(varchar(10), birth_date, 23) AS birth_date, marketing_opt_in, bio,
              is_deleted, CONVERT(varchar(27), created_at, 121) AS created_at, CONVERT(varchar(27), modified_at, 121) AS modified_at
       FROM dbo.users ORDER BY user_id`,
    );
    const expected = users.map(user => ({
      external_id: user.externalId,
      email: user.email,
      display_name: user.displayName,
      country: user.country,
      birth_date: user.birthDate?.toISOString().slice(0, 10) ?? null,
      marketing_opt_in: user.marketingOptIn,
      bio: user.bio,
      is_deleted: user.isDeleted,
      created_at: sqlTime(user.createdAt, 3),
      modified_at: instantText(user.modifiedAt),
    }));
    expect(firstDifference(rows, expected)).toBeUndefined();
  });

  test('subscriptions, each with the user it was made for', async () => {
    const rows = await platform.query<Record<string, unknown>>(
      `SELECT u.email, s.plan_id, s.status, CONVERT(varchar(40), s.price) AS price, CONVERT(varchar(19), s.started_at, 120) AS started_at,
              CONVERT(varchar(19), s.ended_at, 120) AS ended_at, s.cancel_reason, s.is_deleted,
              CONVERT(varchar(27), s.modified_at, 121) AS modified_at
       FROM dbo.subscriptions s JOIN dbo.users u ON u.user_id = s.user_id ORDER BY s.subscription_id`,
    );
    const expected = subscriptions.map(subscription => ({
      email: users[subscription.userOrdinal]?.email,
      plan_id: subscription.planId,
      status: subscription.status,
      price: subscription.price.toFixed(2),
      started_at: sqlTime(subscription.startedAt, 0),
      ended_at: subscription.endedAt && sqlTime(subscription.endedAt, 0),
      cancel_reason: subscription.cancelReason,
      is_deleted: subscription.isDeleted,
      modified_at: instantText(subscription.modifiedAt),
    }));
    expect(firstDifference(rows, expected)).toBeUndefined();
  });
});

/** As CONVERT(varchar, …, 121) prints it. */
function sqlTime(date: Date, digits: 0 | 3): string {
  return date
    .toISOString()
    .replace('T', ' ')
    .slice(0, digits === 0 ? 19 : 23);
}

function instantText(moment: Instant): string {
  return `${sqlTime(moment, 3)}${String(Math.round(moment.nanosecondDelta * 1e7)).padStart(4, '0')}`;
}

/** The first row that differs, cut to a size that can be read: the whole comparison would print megabytes. */
function firstDifference(rows: readonly unknown[], expected: readonly unknown[]): unknown {
  if (rows.length !== expected.length) return `${rows.length} rows, expected ${expected.length}`;
  const index = rows.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(expected[at]));
  const readable = (row: unknown): string => JSON.stringify(row).slice(0, 600);
  return index < 0 ? undefined : { index, got: readable(rows[index]), expected: readable(expected[index]) };
}
