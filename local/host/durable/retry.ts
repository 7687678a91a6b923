import type { NewWork } from './actions.ts';
import type { RetryPolicy, TaskWork } from './instance.ts';

/**
 * The timer that follows a failed attempt. The SDK counts on one after the last attempt too, which fires at once and only then
 * raises the error (DTFX `RetryInterceptor` behaves so).
 */
export function afterFailedAttempt(work: TaskWork, now: number): NewWork | undefined {
  if (!('retry' in work) || work.retry === undefined) return undefined;
  const { policy, attempt } = work.retry;
  if (attempt >= policy.maxNumberOfAttempts) return { work: { kind: 'retry-timer', again: null }, dueAt: now };
  const again: TaskWork = { ...work, retry: { policy, attempt: attempt + 1 } };
  return { work: { kind: 'retry-timer', again }, dueAt: now + retryDelayMs(policy, attempt) };
}

/** The pause after attempt number `attempt` failed. */
export function retryDelayMs(policy: RetryPolicy, attempt: number): number {
  const delay = policy.firstRetryIntervalInMilliseconds * (policy.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delay, policy.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY);
}
