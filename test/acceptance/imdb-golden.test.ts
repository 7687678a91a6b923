/** Use case 2, whole: deliveries written by hand, and all that the lake makes of them, as text in imdb/<case>/expected. */
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { expectGolden } from './golden.ts';
import { readDelivery } from './imdb/delivery-text.ts';
import { lakeText } from './imdb/lake-text.ts';
import { type ImdbLake, raiseImdbLake } from './imdb-lake.ts';

const cases = join(import.meta.dirname, 'imdb');
let lake: ImdbLake;

beforeAll(async () => {
  lake = await raiseImdbLake({});
});

afterAll(() => lake?.[Symbol.asyncDispose]());

// One story: the second delivery meets the lake that the first one left.

test.each([
  ['first-delivery', 'every quirk that a line may have'],
  ['second-delivery', 'rows that changed, came and went, and columns in another order'],
])('%s: %s', async name => {
  await lake.land(await readDelivery(join(cases, name, 'landing')));
  const record = await lake.run({ mode: 'incremental' });
  await expectGolden(join(cases, name, 'expected'), await lakeText(lake, record));
});
