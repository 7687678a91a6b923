/** When a delivery counts as failed, and when it is tried again. Source: "Event Grid message delivery and retry". */

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

const maxAttempts = 30;
const timeToLiveMs = 24 * hour;

export function isDelivered(status: number): boolean {
  return status >= 200 && status <= 204;
}

/**
 * How long to wait before the next attempt; undefined when there is to be none. Differs: no chance in it.
 * @param attempts made so far, at least 1
 * @param status of the last answer; undefined when there was none
 * @param ageMs how long ago the event was published
 */
export function nextWaitMs(attempts: number, status: number | undefined, ageMs: number): number | undefined {
  if (status !== undefined && finalStatuses.has(status)) return undefined;
  if (attempts >= maxAttempts || ageMs >= timeToLiveMs) return undefined;
  return Math.max(waitsMs[attempts - 1] ?? lastWaitMs, leastWaitsMs[status ?? 0] ?? 0);
}
