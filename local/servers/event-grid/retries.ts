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

/** What a subscription may set lower. */
export interface RetryLimits {
  readonly maxDeliveryAttempts?: number;
  readonly eventTimeToLiveInMinutes?: number;
}

/** Why an event is not delivered. */
export type Reason = 'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | `UndeliverableDueToHttp${string}`;

/** What came of an attempt: the status of the answer, or that there was none in time, or none at all. */
export type Outcome = number | 'timeout' | 'unreachable';

export function isDelivered(outcome: Outcome): boolean {
  return typeof outcome === 'number' && outcome >= 200 && outcome <= 204;
}

/**
 * How long to wait after a failed attempt, in milliseconds, or why there is to be no other. Differs: no chance in the waits; an event
 * that will be too old when its next attempt is due is given up at once.
 * @param attempts made so far, at least 1
 * @param waitedMs between these attempts
 */
export function afterFailure(
  attempts: number,
  waitedMs: number,
  outcome: Outcome,
  { maxDeliveryAttempts = 30, eventTimeToLiveInMinutes = 1440 }: RetryLimits,
): number | Reason {
  if (typeof outcome === 'number' && finalStatuses.has(outcome)) return `UndeliverableDueToHttp${nameOf(outcome)}`;
  if (attempts >= maxDeliveryAttempts) return 'MaxDeliveryAttemptsExceeded';
  const least = typeof outcome === 'number' ? (leastWaitsMs[outcome] ?? 0) : 0;
  const waitMs = Math.max(waitsMs[attempts - 1] ?? lastWaitMs, least);
  return waitedMs + waitMs < eventTimeToLiveInMinutes * minute ? waitMs : 'TimeToLiveExceeded';
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
