import { expect, test } from 'vitest';
import { countOrphans } from '../../../../shared/silver/flatten/orphans.ts';
import { testLake } from '../../delta/lake.ts';
import { deliver, lines } from './deliveries.ts';

test('references that lead nowhere are counted, from both sides', async () => {
  await using lake = await testLake();
  const { engine } = lake;
  const people = [
    { nconst: 'nm1', knownForTitles: 'tt1,tt2,tt9' },
    { nconst: 'nm2', knownForTitles: 'tt8,tt1,tt9,tt7,tt6,tt5,tt4' },
  ];
  await deliver('name.basics', lines('name.basics', people), { sequence: 1 }, engine);
  const alone = await countOrphans({ tables: ['people', 'person_known_for'] }, engine);
  expect(alone).toContainEqual({
    table: 'person_known_for',
    column: 'title_id',
    references: 'titles',
    orphans: null,
    examples: [],
  });
  expect(alone).toContainEqual({
    table: 'person_known_for',
    column: 'person_id',
    references: 'people',
    orphans: 0,
    examples: [],
  });
  expect(alone).toContainEqual({
    table: 'title_directors',
    column: 'person_id',
    references: 'people',
    orphans: null,
    examples: [],
  });

  const titles = lines('title.basics', [{ tconst: 'tt1', genres: 'War' }, { tconst: 'tt2' }]);
  await deliver('title.basics', titles, { sequence: 1 }, engine);
  const both = await countOrphans({ tables: ['titles'] }, engine);
  expect(both.every(({ table, references }) => table === 'titles' || references === 'titles')).toBe(true);
  expect(both).toContainEqual({
    table: 'person_known_for',
    column: 'title_id',
    references: 'titles',
    orphans: 7,
    examples: ['tt4', 'tt5', 'tt6', 'tt7', 'tt8'],
  });
  expect(both).toContainEqual({
    table: 'title_genres',
    column: 'title_id',
    references: 'titles',
    orphans: 0,
    examples: [],
  });
  expect(await countOrphans({ tables: [] }, engine)).toEqual([]);
});
