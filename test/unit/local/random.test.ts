import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../local/random.ts';

describe('randomFor', () => {
  test('keeps within the bounds, and reaches both', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: -50, max: 50 }), fc.nat(20), (seed, low, span) => {
        const random = randomFor(seed, 'bounds', 0);
        const drawn = new Set(Array.from({ length: 600 }, () => random.between(low, low + span)));
        expect(Math.min(...drawn)).toBe(low);
        expect(Math.max(...drawn)).toBe(low + span);
      }),
      { numRuns: 50 },
    );
  });

  test('neighbouring ordinals, seeds and topics have nothing in common', () => {
    const draws = (make: (index: number) => ReturnType<typeof randomFor>): number[] =>
      Array.from({ length: 20_000 }, (_, index) => make(index).between(0, 7));
    for (const numbers of [
      draws(index => randomFor(1, 'a', index)),
      draws(index => randomFor(index, 'a', 1)),
      draws(index => randomFor(2 ** 32 * index, 'a', 1)),
      draws(index => randomFor(1, `topic ${index}`, 1)),
    ]) {
      expect(chiSquared(numbers)).toBeLessThan(120);
    }
  });

  test('weights are shares', () => {
    const random = randomFor(3, 'weights', 0);
    const items = [
      { name: 'rare', weight: 1 },
      { name: 'never', weight: 0 },
      { name: 'often', weight: 9 },
    ];
    const drawn = Array.from({ length: 10_000 }, () => random.weighted(items).name);
    expect(drawn.filter(name => name === 'rare').length).toBeGreaterThan(850);
    expect(drawn.filter(name => name === 'rare').length).toBeLessThan(1_150);
    expect(drawn).not.toContain('never');
  });

  test('a UUID is of version 4', () => {
    expect(randomFor(1, 'uuid', 1).uuid()).toMatch(
      /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/,
    );
  });

  test('nothing can be picked from nothing', () => {
    expect(() => randomFor(1, 'none', 1).pick([])).toThrow(RangeError);
    expect(() => randomFor(1, 'none', 1).weighted([])).toThrow(RangeError);
  });
});

/** Of pairs of neighbours among the eighths: 63 degrees of freedom, above 120 once in a hundred thousand. */
function chiSquared(numbers: readonly number[]): number {
  const pairs = new Array<number>(64).fill(0);
  for (let index = 1; index < numbers.length; index++) {
    const pair = (numbers[index - 1] ?? 0) * 8 + (numbers[index] ?? 0);
    pairs[pair] = (pairs[pair] ?? 0) + 1;
  }
  const expected = (numbers.length - 1) / 64;
  return pairs.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
