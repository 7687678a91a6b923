/**
 * The platform's past, made from a seed: user number n and their subscriptions are functions of (seed, n), so any part can be made
 * without the rest, and the same seed always gives the same rows. All of it lies before 2026; whatever the simulator does comes later.
 */

import { type Random, randomFor } from '../random.ts';
import { cancelReason, makeProfile } from './people.ts';
import { pickPastPlan } from './plans.ts';
import { type Instant, instant, type Subscription, type SubscriptionStatus, type User } from './rows.ts';

export interface Population {
  readonly seed: number;
  readonly users: number;
}

const dayMs = 86_400_000;
const historyStart = Date.UTC(2021, 0, 1);
const historyEnd = Date.UTC(2025, 11, 31, 23, 59, 59);
/** Nobody is newer than this at the end, so that the shortest subscription fits in. */
const newestAgeMs = 7 * dayMs;
/** A job that touched many accounts at the same moment: the ties that a watermark must survive. */
const consentUpdate = instant(Date.UTC(2024, 4, 25, 3), 1_234);

const currentStatuses = [
  { status: 'active', weight: 66 },
  { status: 'cancelled', weight: 22 },
  { status: 'trial', weight: 7 },
  { status: 'paused', weight: 5 },
] as const satisfies readonly { status: SubscriptionStatus; weight: number }[];

const subscriptionCounts = [
  { count: 1, weight: 66 },
  { count: 2, weight: 20 },
  { count: 3, weight: 8 },
  { count: 0, weight: 6 },
] as const;

/** User number `ordinal`, from 0. Later numbers signed up later, and more and more of them as the years went by. */
export function userAt(population: Population, ordinal: number): User {
  const random = randomFor(population.seed, 'users', ordinal);
  const { createdMs, isDeleted } = accountAt(population, ordinal);
  return {
    ...makeProfile(random, ordinal.toString(36), ordinal),
    isDeleted,
    createdAt: new Date(createdMs),
    modifiedAt: lastChange(random, createdMs, isDeleted),
  };
}

/** The subscriptions of a user, oldest first: one after the other, at most the last of them still running. */
export function subscriptionsOf(population: Population, ordinal: number): Subscription[] {
  const random = randomFor(population.seed, 'subscriptions', ordinal);
  const account = accountAt(population, ordinal);
  const { count } = random.weighted(subscriptionCounts);
  const firstSecond = Math.ceil(account.createdMs / 1000);
  const seconds = Math.floor((historyEnd / 1000 - firstSecond) / Math.max(count, 1));
  return Array.from({ length: count }, (_, index) => {
    const startSecond = firstSecond + index * seconds + random.between(0, Math.floor(seconds / 4));
    const endSecond = startSecond + random.between(3600, Math.floor(seconds / 2));
    const mayRun = index === count - 1 && !account.isDeleted;
    const status = mayRun ? random.weighted(currentStatuses).status : 'cancelled';
    const ended = status === 'cancelled';
    const plan = pickPastPlan(random);
    return {
      userOrdinal: ordinal,
      planId: plan.planId,
      status,
      price: random.chance(0.2) ? Math.round(plan.monthlyPrice * 80) / 100 : plan.monthlyPrice,
      startedAt: new Date(startSecond * 1000),
      endedAt: ended ? new Date(endSecond * 1000) : null,
      cancelReason: ended ? cancelReason(random, ordinal) : null,
      isDeleted: ended && random.chance(0.02),
      modifiedAt: instant((ended ? endSecond : startSecond) * 1000 + random.between(0, 999), random.between(0, 9_999)),
    };
  });
}

/** What a user and their subscriptions must agree on, cheap to make twice. */
function accountAt({ seed, users }: Population, ordinal: number): { createdMs: number; isDeleted: boolean } {
  const random = randomFor(seed, 'accounts', ordinal);
  const age = ((ordinal + random.next()) / users) ** 0.7;
  return {
    createdMs: Math.floor(historyStart + age * (historyEnd - newestAgeMs - historyStart)),
    isDeleted: random.chance(0.03),
  };
}

function lastChange(random: Random, createdMs: number, isDeleted: boolean): Instant {
  const ticks = random.between(0, 9_999);
  if (isDeleted || random.chance(0.4)) return instant(random.between(createdMs + 1, historyEnd), ticks);
  if (createdMs < consentUpdate.getTime() && random.chance(0.05)) return consentUpdate;
  return instant(createdMs, ticks);
}
