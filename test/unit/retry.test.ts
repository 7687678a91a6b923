import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConflictError, PermanentError, TransientError } from '../../shared/errors.ts';
import { countingRetries, defaultRetryPolicy, type RetryPolicy, withRetry } from '../../shared/retry.ts';

const policy: RetryPolicy = { attempts: 5, firstDelayMs: 100, maxDelayMs: 500 };

/** Time that passes only in the record of it. */
function virtual(random = 1): {
  readonly slept: number[];
  readonly effects: { sleep: (ms: number) => Promise<void>; random: () => number };
} {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
  };
  return { slept, effects: { sleep, random: () => random } };
}

/** Fails with each error in turn, then succeeds with the number of the attempt. */
function failing(...errors: readonly unknown[]): (attempt: number) => Promise<number> {
  return async attempt => {
    if (attempt <= errors.length) throw errors[attempt - 1];
    return attempt;
  };
}

const busy = new TransientError('busy');

describe('what is repeated', () => {
  test('nothing, when the first call succeeds', async () => {
    const { slept, effects } = virtual();
    expect(await withRetry(failing(), policy, effects)).toBe(1);
    expect(slept).toEqual([]);
  });

  test('transient failures, until one call succeeds; the attempts are numbered from 1', async () => {
    const { slept, effects } = virtual();
    expect(await withRetry(failing(busy, busy, busy), policy, effects)).toBe(4);
    expect(slept).toHaveLength(3);
  });

  test('as often as the policy says, then the last error is thrown', async () => {
    const { slept, effects } = virtual();
    const last = new TransientError('still busy');
    await expect(withRetry(failing(busy, busy, busy, busy, last), policy, effects)).rejects.toBe(last);
    expect(slept).toHaveLength(4);
  });

  test.each([new PermanentError('no'), new ConflictError('changed'), new TypeError('a bug'), 'a thrown text'])(
    'not %s',
    async error => {
      const { slept, effects } = virtual();
      await expect(withRetry(failing(error), policy, effects)).rejects.toBe(error);
      expect(slept).toEqual([]);
    },
  );

  test('not a failure that follows transient ones but is not', async () => {
    const { slept, effects } = virtual();
    const gone = new PermanentError('gone');
    await expect(withRetry(failing(busy, gone), policy, effects)).rejects.toBe(gone);
    expect(slept).toHaveLength(1);
  });
});

describe('how long it waits', () => {
  test('at most twice as long each time, and never more than the limit', async () => {
    const { slept, effects } = virtual(1);
    await withRetry(failing(busy, busy, busy, busy), policy, effects);
    expect(slept).toEqual([100, 200, 400, 500]);
  });

  test('with full jitter: anything from nothing to that', async () => {
    const least = virtual(0);
    await withRetry(failing(busy, busy), policy, least.effects);
    expect(least.slept).toEqual([0, 0]);

    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        async (r, tries) => {
          const { slept, effects } = virtual(r);
          const errors = Array.from({ length: tries }, () => busy);
          await withRetry(failing(...errors), { ...policy, attempts: 21 }, effects);
          for (const [index, ms] of slept.entries()) {
            expect(ms).toBeGreaterThanOrEqual(0);
            expect(ms).toBeLessThanOrEqual(Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** index));
          }
        },
      ),
    );
  });

  test('not less than the service asked for, even beyond the limit', async () => {
    const { slept, effects } = virtual(0);
    const throttled = new TransientError('slow down', { retryAfterMs: 7000 });
    await withRetry(failing(throttled, busy), policy, effects);
    expect(slept).toEqual([7000, 0]);
  });

  test('longer than asked for when the backoff is longer', async () => {
    const { slept, effects } = virtual(1);
    await withRetry(failing(new TransientError('soon', { retryAfterMs: 10 })), policy, effects);
    expect(slept).toEqual([100]);
  });

  test('and tells who listens, before it sleeps', async () => {
    const { effects } = virtual(1);
    const told: unknown[] = [];
    const onRetry = (error: TransientError, attempt: number, delayMs: number): void => {
      told.push([error.message, attempt, delayMs]);
    };
    await withRetry(failing(busy, busy), policy, { ...effects, onRetry });
    expect(told).toEqual([
      ['busy', 1, 100],
      ['busy', 2, 200],
    ]);
  });

  test('by default for seconds: the minutes belong to the durable policy', () => {
    const waits = Array.from({ length: defaultRetryPolicy.attempts - 1 }, (_, index) =>
      Math.min(defaultRetryPolicy.maxDelayMs, defaultRetryPolicy.firstDelayMs * 2 ** index),
    );
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(20_000);
  });
});

describe('what is counted', () => {
  test('the repeated calls inside the work, not those of another beside it', async () => {
    const { effects } = virtual();
    const twice = countingRetries(async () => {
      const calls = [withRetry(failing(busy), policy, effects), withRetry(failing(busy), policy, effects)];
      return Promise.all(calls);
    });
    const never = countingRetries(async () => withRetry(failing(), policy, effects));
    expect(await twice).toEqual({ result: [2, 2], retries: 2 });
    expect(await never).toEqual({ result: 1, retries: 0 });
  });
});
