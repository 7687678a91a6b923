/** The transform on ADLS Gen2, where answers get lost and two landings of one day are transformed at once. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import { azureLakeStore } from '../../../shared/azure/lake-store.ts';
import { transformList } from '../../../shared/silver/transform/transform-list.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { testLake } from '../../unit/delta/lake.ts';
import { land, page, silverRows } from '../../unit/silver/tmdb/landings.ts';
import { type Storage, storage } from '../storage/fixture.ts';

let lake: Storage;
let store: LakeStore;
const faults = new FaultTable();

beforeAll(async () => {
  lake = await storage({ fileSystems: ['bronze', 'silver', 'quarantine', 'control'], faults });
  store = azureLakeStore(lake.service, { effects: { sleep: async () => undefined } });
});
afterEach(() => faults.clear());
afterAll(() => lake.close());

/** A list of 2 movies, and one that does not fit, that say from which hour they are. */
function landAt(hour: number, list: string) {
  const movies = [{ id: 1, genre_ids: [hour] }, { id: 2 }, { id: -1 }];
  return land([page(movies), page([{ id: 100 + hour }])], { list, at: `2026-01-31T0${hour}:00:00.000Z` }, store);
}

test.each([
  ['silver/tmdb/movies/*', 1],
  ['silver/tmdb/*', 3],
  ['control/partitions/*', 2],
  ['quarantine/tmdb/*', 1],
])('an answer about %s that is lost was given all the same', async (path, times) => {
  const list = `lost-${path.replaceAll(/[^a-z]+/g, '-')}`;
  const landing = await landAt(1, list);
  const row = faults.add({
    service: 'storage',
    operation: `RENAME ${path}`,
    phase: 'after',
    action: { kind: 'reset' },
    times,
  });
  await using engine = await testLake(store);
  expect(await transformList(landing, engine.engine)).toMatchObject({ outcome: 'replaced', quarantined: 1 });
  expect(row.fired).toBe(times);
  expect(await transformList(landing, engine.engine)).toMatchObject({ outcome: 'same', quarantined: 1 });
  const select = `SELECT movie_id FROM silver WHERE list = '${list}' ORDER BY rank`;
  expect(await silverRows('movie_lists', select, engine.engine)).toEqual([['1'], ['2'], ['101']]);
});

test('of landings that are transformed at once the latest stands in every table', async () => {
  const list = 'at_once';
  const landings = [];
  for (const hour of [3, 1, 4, 2]) landings.push(await landAt(hour, list));
  const outcomes = await Promise.all(
    landings.map(async landing => {
      await using own = await testLake(store);
      return (await transformList(landing, own.engine)).outcome;
    }),
  );
  expect(outcomes[2]).toBe('replaced');
  await using reader = await testLake(store);
  for (const table of ['movie_lists', 'movies', 'movie_genres']) {
    const select = `SELECT DISTINCT run_id FROM silver WHERE list = '${list}'`;
    expect(await silverRows(table, select, reader.engine), table).toEqual([['tmdb-20260131T040000000Z']]);
  }
  for (const landing of landings) {
    const { outcome } = await transformList(landing, reader.engine);
    expect(outcome).toBe(landing === landings[2] ? 'same' : 'older');
  }
});
