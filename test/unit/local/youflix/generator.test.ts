import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { subscriptionTable, userTable } from '../../../../local/youflix/bulk-tables.ts';
import { subscriptionsOf, userAt } from '../../../../local/youflix/generator.ts';
import { hostileTexts } from '../../../../local/youflix/hostile-text.ts';
import { plans } from '../../../../local/youflix/plans.ts';
import type { Subscription, User } from '../../../../local/youflix/rows.ts';

const endOfPast = Date.UTC(2026, 0, 1);

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const someone = fc.record({
  seed: seeds,
  users: fc.integer({ min: 1, max: 1_000_000 }),
  share: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
});

function everyone(population: { seed: number; users: number }): { users: User[]; subscriptions: Subscription[] } {
  const users = Array.from({ length: population.users }, (_, ordinal) => userAt(population, ordinal));
  return { users, subscriptions: users.flatMap((_, ordinal) => subscriptionsOf(population, ordinal)) };
}

describe('the same seed', () => {
  test('gives the same rows, whichever was asked for first', () => {
    fc.assert(
      fc.property(someone, ({ seed, users, share }) => {
        const ordinal = Math.floor(share * users);
        const make = () => [userAt({ seed, users }, ordinal), subscriptionsOf({ seed, users }, ordinal)];
        const first = make();
        userAt({ seed, users }, 0);
        expect(make()).toEqual(first);
      }),
    );
  });

  test('gives the rows it gave when this was written', () => {
    const user = userAt({ seed: 1, users: 10_000 }, 1234);
    expect([
      user.externalId,
      user.email,
      user.displayName,
      user.country,
      user.modifiedAt.toISOString(),
      Math.round(user.modifiedAt.nanosecondDelta * 1e7),
    ]).toMatchInlineSnapshot(`
      [
        "D3CF9815-C7BA-4AF8-A800-94D55DCD96E1",
        "usher+films.ya@bücher.example",
        "Olivia Smith",
        "GB",
        "2025-03-29T09:38:26.389Z",
        9691,
      ]
    `);
  });

  test('and another seed give other rows', () => {
    fc.assert(
      fc.property(seeds, seeds, (one, other) => {
        fc.pre(one !== other);
        expect(userAt({ seed: one, users: 100 }, 5).externalId).not.toBe(
          userAt({ seed: other, users: 100 }, 5).externalId,
        );
      }),
    );
  });
});

describe('every row', () => {
  test('fits the columns it is declared for', () => {
    fc.assert(
      fc.property(someone, ({ seed, users, share }) => {
        const ordinal = Math.floor(share * users);
        const user = userAt({ seed, users }, ordinal);
        expectFits(userTable.columns, user);
        for (const subscription of subscriptionsOf({ seed, users }, ordinal)) {
          expectFits(subscriptionTable(1n).columns, subscription);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('is in order of time, and before 2026', () => {
    fc.assert(
      fc.property(someone, ({ seed, users, share }) => {
        const ordinal = Math.floor(share * users);
        const user = userAt({ seed, users }, ordinal);
        expect(user.modifiedAt.getTime()).toBeGreaterThanOrEqual(user.createdAt.getTime());
        expect(user.modifiedAt.getTime()).toBeLessThan(endOfPast);
        let free = user.createdAt.getTime();
        for (const { startedAt, endedAt, status, modifiedAt } of subscriptionsOf({ seed, users }, ordinal)) {
          expect(startedAt.getTime()).toBeGreaterThanOrEqual(free);
          expect(endedAt === null).toBe(status !== 'cancelled');
          if (endedAt) expect(endedAt.getTime()).toBeGreaterThan(startedAt.getTime());
          expect(modifiedAt.getTime()).toBeGreaterThanOrEqual((endedAt ?? startedAt).getTime());
          expect(modifiedAt.getTime()).toBeLessThan(endOfPast);
          free = endedAt?.getTime() ?? Number.POSITIVE_INFINITY;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('ten thousand users', () => {
  const { users, subscriptions } = everyone({ seed: 1, users: 10_000 });

  test('have addresses and external ids of their own, and sign up one after the other', () => {
    expect(new Set(users.map(user => user.email)).size).toBe(users.length);
    expect(new Set(users.map(user => user.externalId)).size).toBe(users.length);
    expect(users.every((user, index) => index === 0 || user.createdAt >= (users[index - 1]?.createdAt ?? 0))).toBe(
      true,
    );
  });

  test('have 1.2 to 1.5 subscriptions each, to plans that exist', () => {
    expect(subscriptions.length / users.length).toBeGreaterThan(1.2);
    expect(subscriptions.length / users.length).toBeLessThan(1.5);
    expect(new Set(subscriptions.map(subscription => subscription.planId))).toEqual(
      new Set(plans.map(plan => plan.planId)),
    );
    expect(new Set(subscriptions.map(subscription => subscription.status)).size).toBe(4);
  });

  test('bring everything that breaks careless programs', () => {
    const names = new Set(users.map(user => user.displayName));
    expect(hostileTexts.filter(text => !names.has(text))).toEqual([]);
    expect(new Set(subscriptions.map(subscription => subscription.cancelReason))).toContain('nul\u0000inside');
    expect(users.filter(user => Buffer.byteLength(user.bio ?? '') >= 2 ** 20)).toHaveLength(2);
    for (const column of ['displayName', 'birthDate', 'bio'] as const) {
      expect(users.filter(user => user[column] === null).length).toBeGreaterThan(users.length / 50);
    }
    expect(users.filter(user => user.bio === '').length).toBeGreaterThan(100);
    expect(users.filter(user => user.isDeleted).length).toBeGreaterThan(100);
  });

  test('hold times to 100 ns, and hundreds at the very same moment', () => {
    const moments = Map.groupBy(users, ({ modifiedAt }) => modifiedAt.getTime() + modifiedAt.nanosecondDelta);
    expect(Math.max(...[...moments.values()].map(group => group.length))).toBeGreaterThan(100);
    expect(users.filter(user => Math.round(user.modifiedAt.nanosecondDelta * 1e7) % 10 !== 0).length).toBeGreaterThan(
      8_000,
    );
  });
});

function expectFits<Row>(
  columns: typeof userTable.columns | ReturnType<typeof subscriptionTable>['columns'],
  row: Row,
): void {
  for (const column of columns) {
    const value = (column.value as (row: Row) => unknown)(row);
    const { length } = column.type() as { length?: number };
    expect(value === null && !column.nullable, `${column.name} is NULL`).toBe(false);
    if (typeof value === 'string' && length !== undefined) {
      expect(value.length, column.name).toBeLessThanOrEqual(length);
      expect(value.isWellFormed()).toBe(true);
    }
  }
}
