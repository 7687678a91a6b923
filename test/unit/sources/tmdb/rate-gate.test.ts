import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateGate } from '../../../../shared/sources/tmdb/rate-gate.ts';
import { virtualTime } from './virtual-time.ts';

/** How many requests a limiter counted in the busiest second: at one of them, and in the thousand milliseconds before. */
function busiestSecond(arrivals: readonly number[]): number {
  const counts = arrivals.map(at => arrivals.filter(other => other <= at && other > at - 1000).length);
  return Math.max(0, ...counts);
}

const requests = fc.array(
  fc.record({
    askedAt: fc.integer({ min: 0, max: 2000 }),
    there: fc.integer({ min: 0, max: 400 }),
    back: fc.integer({ min: 0, max: 400 }),
    fails: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

test('however long the ways there and back take: no second has more requests than the limit', async () => {
  await fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 1, max: 12 }), async (all, perSecond) => {
      const time = virtualTime();
      const gate = rateGate(perSecond, time);
      const arrivals: number[] = [];
      const calls = all.map(async ({ askedAt, there, back, fails }) => {
        await time.sleep(askedAt);
        await gate.pass(async () => {
          await time.sleep(there);
          arrivals.push(time.now());
          await time.sleep(back);
          if (fails) throw new Error('refused');
        });
      });
      const outcomes = await time.run(Promise.allSettled(calls));
      expect(arrivals).toHaveLength(all.length);
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(all.map(({ fails }) => fails));
      expect(busiestSecond(arrivals)).toBeLessThanOrEqual(perSecond);
    }),
  );
});

test('one by one, evenly spaced, in the order of asking: 200 requests at 40 per second take five seconds', async () => {
  const time = virtualTime();
  const gate = rateGate(40, time);
  const started: { readonly request: number; readonly at: number }[] = [];
  const calls = Array.from({ length: 200 }, (_, request) =>
    gate.pass(async () => {
      started.push({ request, at: time.now() });
    }),
  );
  await time.run(Promise.all(calls));
  expect(started).toEqual(Array.from({ length: 200 }, (_, request) => ({ request, at: request * 25 })));
});

test('timers that fire late do not add up', async () => {
  const time = virtualTime();
  const gate = rateGate(40, { now: time.now, sleep: ms => time.sleep(ms + 60) });
  await time.run(Promise.all(Array.from({ length: 201 }, () => gate.pass(async () => undefined))));
  expect(time.now()).toBeGreaterThanOrEqual(5000);
  // Once per second: a window begins when the answers of the one before are a second old.
  expect(time.now()).toBeLessThan(5000 + 5 * 60 + 25);
});

test('who asks late gets no burst', async () => {
  const time = virtualTime();
  const gate = rateGate(10, time);
  const started: number[] = [];
  const call = (): Promise<void> => gate.pass(async () => void started.push(time.now()));
  await time.run(call());
  await time.run(time.sleep(5000));
  await time.run(Promise.all([call(), call(), call()]));
  expect(started).toEqual([0, 5000, 5100, 5200]);
});

test('answers that stay out stop the line: the service may still count their requests', async () => {
  const time = virtualTime();
  const gate = rateGate(2, time);
  const started: number[] = [];
  const call = (): Promise<void> =>
    gate.pass(async () => {
      started.push(time.now());
      await time.sleep(10_000);
    });
  await time.run(Promise.all([call(), call(), call()]));
  expect(started).toEqual([0, 500, 11_000]);
});

test('held off, nobody passes before the time is over; a shorter wait does not cut a longer one', async () => {
  const time = virtualTime();
  const gate = rateGate(10, time);
  const started: number[] = [];
  const call = (): Promise<void> => gate.pass(async () => void started.push(time.now()));
  gate.holdOff(3000);
  gate.holdOff(1000);
  const waiting = Promise.all([call(), call()]);
  await time.run(waiting);
  expect(started).toEqual([3000, 3100]);
});

test('by the clock of the machine, when nobody gives another', async () => {
  const gate = rateGate(100);
  const startedMs = performance.now();
  for (let request = 0; request < 6; request++) await gate.pass(async () => undefined);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(50);
});
