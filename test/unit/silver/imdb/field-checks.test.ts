/** The checks in SQL against the same rules in JavaScript, over texts that are nearly right. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImdbField, ImdbFieldType } from '../../../../shared/catalog/imdb-data-sets.ts';
import { sqlText } from '../../../../shared/duckdb/session.ts';
import { misfitConditions, misfitReasons } from '../../../../shared/silver/flatten/field-checks.ts';
import { testLake } from '../../delta/lake.ts';

const rules: Readonly<Record<string, (text: string) => boolean>> = {
  integer: text => /^[0-9]+$/.test(text) && Number(text) <= 2147483647 && text.length <= 18,
  flag: text => text === '0' || text === '1',
  rating: text => /^[0-9]+(\.[0-9])?$/.test(text) && Number(text) <= 10 && !/^0[0-9]/.test(text),
  'json-list': text => {
    try {
      const value: unknown = JSON.parse(text);
      return Array.isArray(value) && value.every(item => typeof item === 'string' && item.isWellFormed());
    } catch {
      return false;
    }
  },
};

const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: 2n ** 31n - 3n, max: 2n ** 31n + 3n }).map(String),
  fc.float({ noNaN: true }).map(value => value.toFixed(1)),
  fc.integer({ min: 0, max: 110 }).map(value => (value / 10).toFixed(1)),
  fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', ' ', '٣', 'e', '\\N'), maxLength: 6 }),
);
const json = fc.oneof(
  fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }).map(value => JSON.stringify(value)),
  fc.json(),
  fc.string({
    unit: fc.constantFrom('[', ']', '"', ',', ' ', '\\', 'u', 'd8', '00', 'a', '\f', '\n', '{', ':'),
    maxLength: 12,
  }),
  fc
    .array(fc.constantFrom('"a"', '"\\ud83d\\ude00"', '"\\ud800"', '1', '', ' "b" ', '[]', '"\t"'))
    .map(parts => `[${parts}]`),
);

test.each(Object.entries(rules))('%s', async (type, fits) => {
  await using lake = await testLake();
  const field = (nullable: boolean): ImdbField => ({ name: 'f', type: type as ImdbFieldType, nullable });
  const [[optional], [required]] = [true, false].map(nullable =>
    misfitConditions([{ field: field(nullable), column: 'v' }]),
  ) as [[string], [string]];
  await fc.assert(
    fc.asyncProperty(fc.array(type === 'json-list' ? json : number, { minLength: 1, maxLength: 60 }), async texts => {
      const values = texts.map((text, index) => `(${index}, ${sqlText(text)})`);
      const rows = await lake.engine.duckdb.rows(
        `SELECT ${optional} AS optional, ${required} AS required,
                ${misfitReasons([{ field: field(true), column: 'v' }])} AS reasons
         FROM (VALUES ${values}) t(i, v) ORDER BY i`,
      );
      for (const [index, text] of texts.entries()) {
        const unfit = !fits(text);
        const told = unfit && text !== '\\N';
        expect([text, rows[index]?.['optional'], rows[index]?.['required']]).toEqual([text, told, unfit]);
        expect(rows[index]?.['reasons'] !== '').toBe(told);
      }
    }),
    { numRuns: 60 },
  );
});
