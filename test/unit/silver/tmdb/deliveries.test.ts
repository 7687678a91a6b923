/** Events in any order, twice, and transforms that die at any step: silver is what the latest landing of each day says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lakeFileSystems } from '../../../../shared/catalog/lake-paths.ts';
import { tmdbTables } from '../../../../shared/silver/tmdb/index.ts';
import { transformList } from '../../../../shared/silver/transform/transform-list.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';
import { testLake, watched } from '../../delta/lake.ts';
import { land, page, silverRows } from './landings.ts';

/** Two lists, two days, two or three landings a day; each with a movie of its own and one that all have. */
const landings = [
  { list: 'popular', at: '2026-01-30T06:00:00.000Z' },
  { list: 'popular', at: '2026-01-30T18:00:00.000Z' },
  { list: 'popular', at: '2026-01-31T06:00:00.000Z' },
  { list: 'popular', at: '2026-01-31T12:00:00.000Z' },
  { list: 'popular', at: '2026-01-31T18:00:00.000Z' },
  { list: 'upcoming', at: '2026-01-31T06:00:00.000Z' },
  { list: 'upcoming', at: '2026-01-31T18:00:00.000Z' },
];

function pagesOf(index: number): string[] {
  const shared = { id: 1000, title: `seen by ${index}`, vote_count: index, genre_ids: [index] };
  return [page([{ id: index + 1, genre_ids: [1] }]), page([shared, ...(index % 2 === 0 ? [{ id: -1 }] : [])])];
}

const tables = tmdbTables.map(({ name }) => name);
const select = 'SELECT list, date, movie_id, run_id FROM silver ORDER BY ALL';

test('silver does not depend on the order of events, nor on how often they come', async () => {
  const numbers = landings.map((_, index) => index);
  const orders = fc
    .array(fc.constantFrom(...numbers), { maxLength: 6 })
    .chain(repeated => fc.shuffledSubarray([...numbers, ...repeated], { minLength: numbers.length + repeated.length }));
  await fc.assert(
    fc.asyncProperty(orders, async order => {
      await using lake = await testLake();
      const latest = new Map<string, number>();
      for (const index of order) {
        const { list, at } = landings[index] ?? { list: '', at: '' };
        const partition = `${list} ${at.slice(0, 10)}`;
        const newest = latest.get(partition) ?? -1;
        const landing = await land(pagesOf(index), { list, at }, lake.store);
        const { outcome } = await transformList(landing, lake.engine);
        expect(outcome).toBe(index < newest ? 'older' : index === newest ? 'same' : 'replaced');
        latest.set(partition, Math.max(newest, index));
      }
      const expected = [1, 4, 6].flatMap(index => {
        const { list, at } = landings[index] ?? { list: '', at: '' };
        const runId = `tmdb-${at.replace(/[-:.]/g, '')}`;
        return [`${index + 1}`, '1000'].map(movie => [list, at.slice(0, 10), movie, runId]);
      });
      for (const table of tables) {
        expect(await silverRows(table, select, lake.engine), table).toEqual(expected);
      }
    }),
    { numRuns: 4 },
  );
});

test('a transform that dies at any step is healed by another call', async () => {
  await using lake = await testLake();
  /** Lands and transforms, dying before one operation on the store and called again; returns the lake and the operations. */
  const disturbed = async (dies: number) => {
    const store = memoryStore();
    const engine = { ...lake.engine, clock: { now: () => 0 } };
    const event = await land(pagesOf(0), { at: '2026-01-31T06:00:00.000Z' }, store);
    let operations = 0;
    const mortal = watched(store, async operation => {
      if (operations++ === dies) throw new Error(`died before operation ${dies}, ${operation}`);
    });
    await transformList(event, { ...engine, store: mortal }).catch(() => undefined);
    const receipt = await transformList(event, { ...engine, store });
    expect(receipt).toMatchObject({ quarantined: 1, tables: [{ rows: 2 }, { rows: 2 }, { rows: 2 }] });
    return { files: await filesOf(store), operations };
  };
  const undisturbed = await disturbed(-1);
  expect(undisturbed.files.size).toBe(3 + 1 + 3 + 1);
  for (let dies = 0; dies < undisturbed.operations; dies++) {
    expect((await disturbed(dies)).files, `operation ${dies}`).toEqual(undisturbed.files);
  }
});

/** Every file of the lake, byte for byte. */
async function filesOf(store: LakeStore): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of lakeFileSystems) {
    for await (const { path } of store.list(folder))
      files.set(path, Buffer.from(await store.read(path)).toString('latin1'));
  }
  return files;
}
