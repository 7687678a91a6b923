/** The rows of the platform database as the generator makes them. Identity keys are left to the server. */

/**
 * A moment to 100 nanoseconds: `mssql` sends what `nanosecondDelta` (in seconds, below a millisecond) adds to the Date.
 * The name differs by one letter from the one it uses for reading; tedious, data-types/temporal.
 */
export type Instant = Date & { readonly nanosecondDelta: number };

/** `ticks` of 100 ns, 0 to 9,999, on top of the milliseconds since 1970. */
export function instant(ms: number, ticks: number): Instant {
  return Object.assign(new Date(ms), { nanosecondDelta: ticks / 1e7 });
}

export interface Plan {
  readonly planId: number;
  readonly name: string;
  readonly monthlyPrice: number;
  readonly currency: string;
  readonly maxScreens: number;
  readonly hasAds: boolean;
  readonly description: string | null;
  readonly isDeleted: boolean;
  readonly createdAt: Date;
  readonly modifiedAt: Instant;
}

/** What a person says of themselves when they sign up. */
export interface Profile {
  readonly externalId: string;
  readonly email: string;
  readonly displayName: string | null;
  readonly country: string;
  readonly birthDate: Date | null;
  readonly marketingOptIn: boolean;
  readonly bio: string | null;
}

export interface User extends Profile {
  readonly isDeleted: boolean;
  readonly createdAt: Date;
  readonly modifiedAt: Instant;
}

export type SubscriptionStatus = 'trial' | 'active' | 'paused' | 'cancelled';

export interface Subscription {
  /** Which user, counted from 0 in the order of their making. */
  readonly userOrdinal: number;
  readonly planId: number;
  readonly status: SubscriptionStatus;
  readonly price: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly cancelReason: string | null;
  readonly isDeleted: boolean;
  readonly modifiedAt: Instant;
}
