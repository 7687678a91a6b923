import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from '../../../../local/servers/tmdb/rate-limit.ts';

test('forty at once, and the next a second later', () => {
  const limit = new RateLimit(40);
  expect(Array.from({ length: 40 }, () => limit.admit('a', 5_000))).toEqual(Array(40).fill(0));
  expect([limit.admit('a', 5_000), limit.admit('a', 5_999)]).toEqual([1, 1]);
  expect(limit.admit('a', 6_000)).toBe(0);
});

test('forty a second for a minute: never refused', () => {
  const limit = new RateLimit(40);
  for (let at = 0; at < 60 * 40; at++) expect(limit.admit('a', at * 25)).toBe(0);
});

test('one client does not take from another, and no limit is none', () => {
  const limit = new RateLimit(1);
  expect([limit.admit('a', 0), limit.admit('b', 0), limit.admit('a', 1)]).toEqual([0, 0, 1]);
  const none = new RateLimit(Number.POSITIVE_INFINITY);
  expect(Array.from({ length: 500 }, () => none.admit('a', 0)).every(wait => wait === 0)).toBe(true);
});

test('whatever comes when, no second has more than the limit, and nobody waits for room that is there', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 8 }), (gaps, perSecond) => {
      const limit = new RateLimit(perSecond);
      const admitted: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const inLastSecond = admitted.filter(at => now - at < 1_000).length;
        const isAdmitted = limit.admit('a', now) === 0;
        expect(isAdmitted).toBe(inLastSecond < perSecond);
        if (isAdmitted) admitted.push(now);
      }
    }),
  );
});
