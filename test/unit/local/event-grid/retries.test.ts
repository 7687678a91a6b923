import { expect, test } from 'vitest';
import {
  afterFailure,
  isDelivered,
  type Outcome,
  type RetryLimits,
} from '../../../../local/servers/event-grid/retries.ts';

/** The waits between the attempts of a delivery that always ends so, in seconds, and why it is given up. */
function course(outcome: Outcome, limits: RetryLimits = {}): { readonly waits: number[]; readonly end: string } {
  const waits: number[] = [];
  for (let waitedMs = 0; ; ) {
    const next = afterFailure(waits.length + 1, waitedMs, outcome, limits);
    if (typeof next === 'string') return { waits, end: next };
    waits.push(next / 1000);
    waitedMs += next;
  }
}

test('the schedule, until the event is a day old', () => {
  const waits = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];
  expect(course(500)).toEqual({ waits, end: 'TimeToLiveExceeded' });
  expect(course('unreachable')).toEqual(course(500));
  expect(course('timeout')).toEqual(course(500));
});

test.each<[number, number[]]>([
  [503, [30, 30, 60, 300]],
  [408, [120, 120, 120, 300]],
  [404, [300, 300, 300, 300]],
])('after %i it waits longer at first', (status, waits) => {
  expect(course(status, { maxDeliveryAttempts: 5 })).toEqual({ waits, end: 'MaxDeliveryAttemptsExceeded' });
});

test.each([
  [400, 'UndeliverableDueToHttpBadRequest'],
  [401, 'UndeliverableDueToHttpUnauthorized'],
  [403, 'UndeliverableDueToHttpForbidden'],
  [413, 'UndeliverableDueToHttpPayloadTooLarge'],
])('after %i there is no other attempt', (status, end) => {
  expect(course(status)).toEqual({ waits: [], end });
});

test('whichever limit comes first', () => {
  expect(course(500, { maxDeliveryAttempts: 1 })).toEqual({ waits: [], end: 'MaxDeliveryAttemptsExceeded' });
  expect(course(500, { eventTimeToLiveInMinutes: 1 })).toEqual({ waits: [10, 30], end: 'TimeToLiveExceeded' });
  expect(course(404, { eventTimeToLiveInMinutes: 5 })).toEqual({ waits: [], end: 'TimeToLiveExceeded' });
});

test('only five answers mean that an event was taken', () => {
  const statuses = Array.from({ length: 500 }, (_, at) => at + 100);
  expect(statuses.filter(isDelivered)).toEqual([200, 201, 202, 203, 204]);
});
