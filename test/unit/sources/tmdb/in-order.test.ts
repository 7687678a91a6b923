import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder } from '../../../../shared/sources/tmdb/in-order.ts';

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('results come in order, whatever order the work ends in, and no more is under way than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 6 }), fc.scheduler(), async (count, ahead, scheduler) => {
      const items = Array.from({ length: count }, (_, index) => index);
      let underWay = 0;
      let most = 0;
      const results = inOrder(items, ahead, async item => {
        underWay += 1;
        most = Math.max(most, underWay);
        await scheduler.schedule(Promise.resolve());
        underWay -= 1;
        return item * 10;
      });
      expect(await scheduler.waitFor(all(results))).toEqual(items.map(item => item * 10));
      expect(most).toBeLessThanOrEqual(ahead);
      expect(most).toBe(Math.min(ahead, count));
    }),
  );
});

describe('a failure', () => {
  test('comes at its turn, and nothing new is begun after it', async () => {
    const begun: number[] = [];
    const got: number[] = [];
    const results = inOrder([1, 2, 3, 4, 5, 6, 7], 3, async item => {
      begun.push(item);
      if (item === 2) throw new Error('page 2');
      return item;
    });
    await expect(
      (async () => {
        for await (const result of results) got.push(result);
      })(),
    ).rejects.toThrow('page 2');
    expect(got).toEqual([1]);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  test('waits for what is under way', async () => {
    let isDone = false;
    const slow = Promise.withResolvers<void>();
    const results = all(
      inOrder([1, 2], 2, async item => {
        if (item === 1) throw new Error('at once');
        await slow.promise;
        isDone = true;
      }),
    );
    setImmediate(slow.resolve);
    await expect(results).rejects.toThrow('at once');
    expect(isDone).toBe(true);
  });
});
