/** When a delivery counts as failed, and what happens then. Source: "Event Grid message delivery and retry". */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const waitsMs: readonly number[] = [
  ...[10 * second, 30 * second, minute, 5 * minute, 10 * minute, 30 * minute],
  ...[hour, 3 * hour, 6 * hour],
];
const lastWaitMs = 12 * hour;

/** Waits are at least this long after some answers. */
const leastWaitsMs: Readonly<Record<number, number>> = { 404: 5 * minute, 408: 2 * minute, 503: 30 * second };

/** Answers that a webhook would only repeat. */
const finalStatuses: ReadonlySet<number> = new Set([400, 401, 403, 413]);

/** Where a subscription sets no limits of its own. */
const limits = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 };
export type RetryLimits = Partial<typeof limits>;

/** What came of an attempt: the status of the answer, or that there was none in time, or none at all. */
export type Outcome = number | 'timeout' | 'unreachable';

export function isDelivered(outcome: Outcome): boolean {
  return typeof outcome === 'number' && outcome >= 200 && outcome <= 204;
}

/**
 * How long to wait after a failed attempt, in milliseconds, or why there is to be no other. Differs: no chance in it.
 * @param attempts made so far, at least 1
 */
export function afterFailure(attempts: number, outcome: Outcome, own: RetryLimits): number | string {
  if (typeof outcome === 'number' && finalStatuses.has(outcome)) return `UndeliverableDueToHttp${nameOf(outcome)}`;
  if (attempts >= (own.maxDeliveryAttempts ?? limits.maxDeliveryAttempts)) return 'MaxDeliveryAttemptsExceeded';
  const least = typeof outcome === 'number' ? (leastWaitsMs[outcome] ?? 0) : 0;
  return Math.max(waitsMs[attempts - 1] ?? lastWaitMs, least);
}

/** How long after it was published an event is worth another attempt, in milliseconds. */
export function timeToLiveMs(own: RetryLimits): number {
  return (own.eventTimeToLiveInMinutes ?? limits.eventTimeToLiveInMinutes) * minute;
}

const names: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'TimedOut',
  413: 'PayloadTooLarge',
  503: 'Busy',
};

/** An outcome in the service's words. */
export function nameOf(outcome: Outcome): string {
  if (outcome === 'timeout') return 'TimedOut';
  return (outcome === 'unreachable' ? undefined : names[outcome]) ?? 'GenericError';
}
