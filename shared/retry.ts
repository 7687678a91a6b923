/** Seconds of patience around one call to a service; minutes belong to the durable retry policy (orchestrations/retry-policies.ts). */
import { AsyncLocalStorage } from 'node:async_hooks';
import { TransientError } from './errors.ts';

export interface RetryPolicy {
  /** Calls in all, the first one included. */
  readonly attempts: number;
  /** Wait before the second call; doubles after each, with full jitter. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 5, firstDelayMs: 200, maxDelayMs: 10_000 };

export interface RetryEffects {
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly onRetry?: (error: TransientError, attempt: number, delayMs: number) => void;
}

const realEffects: RetryEffects = {
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  random: Math.random,
};

const counters = new AsyncLocalStorage<{ retries: number }>();

/** Runs `work` and tells how many calls of `withRetry` inside it had to be repeated, however deep and however many at once. */
export async function countingRetries<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly retries: number }> {
  const counter = { retries: 0 };
  const result = await counters.run(counter, work);
  return { result, retries: counter.retries };
}

/**
 * Calls `operation` until it succeeds, throws something other than `TransientError`, or the attempts are used up.
 * A service that named a time (`Retry-After`) is not called before it. `operation` gets the attempt's number, from 1.
 */
export async function withRetry<T>(
  operation: (attempt: number) => Promise<T>,
  policy: RetryPolicy = defaultRetryPolicy,
  effects: Partial<RetryEffects> = {},
): Promise<T> {
  const { sleep, random, onRetry } = { ...realEffects, ...effects };
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt);
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= policy.attempts) throw error;
      const ceiling = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
      const delayMs = Math.max(error.retryAfterMs ?? 0, Math.round(ceiling * random()));
      onRetry?.(error, attempt, delayMs);
      const counter = counters.getStore();
      if (counter !== undefined) counter.retries += 1;
      await sleep(delayMs);
    }
  }
}
