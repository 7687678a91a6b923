import { describe, expect, it } from 'vitest';
import { afterFailedAttempt, retryDelayMs } from '../../../../../local/host/durable/retry.ts';

describe('retryDelayMs', () => {
  const policy = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 9 };

  it('stays the same without a coefficient', () => {
    expect([1, 2, 3].map(attempt => retryDelayMs(policy, attempt))).toEqual([100, 100, 100]);
  });

  it('grows by the coefficient up to the longest interval', () => {
    const growing = { ...policy, backoffCoefficient: 3, maxRetryIntervalInMilliseconds: 500 };
    expect([1, 2, 3].map(attempt => retryDelayMs(growing, attempt))).toEqual([100, 300, 500]);
  });
});

describe('afterFailedAttempt', () => {
  const policy = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 2 };
  const work = { kind: 'activity', name: 'a', input: undefined } as const;

  it('waits, then tries again with the next number', () => {
    const next = afterFailedAttempt({ ...work, retry: { policy, attempt: 1 } }, 1000);
    const again = { ...work, retry: { policy, attempt: 2 } };
    expect(next).toEqual({ work: { kind: 'retry-timer', again }, dueAt: 1100 });
  });

  it('still takes a timer after the last attempt, due at once', () => {
    const next = afterFailedAttempt({ ...work, retry: { policy, attempt: 2 } }, 1000);
    expect(next).toEqual({ work: { kind: 'retry-timer', again: null }, dueAt: 1000 });
  });

  it('is nothing for work without a policy', () => {
    expect(afterFailedAttempt(work, 1000)).toBeUndefined();
  });
});
