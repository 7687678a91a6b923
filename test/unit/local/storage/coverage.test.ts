import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cover, coveredTo, type Range } from '../../../../local/servers/storage/coverage.ts';

const range = fc.tuple(fc.nat(40), fc.nat(40)).map(([start, length]): Range => ({ start, end: start + length }));

test('however ranges come, they cover what a set of bytes would', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), fc.nat(40), (ranges, from) => {
      const covered = ranges.reduce<Range[]>(cover, []);
      const bytes = new Set(
        ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at)),
      );
      let end = from;
      while (bytes.has(end)) end += 1;
      expect(coveredTo(covered, from)).toBe(end);
      expect(covered.reduce((sum, piece) => sum + piece.end - piece.start, 0)).toBe(bytes.size);
    }),
  );
});

test('ranges stay sorted, apart and not empty', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), ranges => {
      const covered = ranges.reduce<Range[]>(cover, []);
      for (const [at, { start, end }] of covered.entries()) {
        expect(start).toBeLessThan(end);
        expect(start).toBeGreaterThan(covered[at - 1]?.end ?? -1);
      }
    }),
  );
});
