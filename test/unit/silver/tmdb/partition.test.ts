/** Landings of one partition that come in any order, at once, twice, or die half-way: the latest one wins. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silverPartitionPath } from '../../../../shared/catalog/lake-paths.ts';
import type { Landing } from '../../../../shared/silver/transform/landed-pages.ts';
import { replacePartition, standing } from '../../../../shared/silver/transform/partition.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';
import { watched } from '../../delta/lake.ts';

const tables = ['movie_lists', 'movies', 'movie_genres'];
/** The last two land at the same moment: their run ids decide. */
const seconds = [0, 1, 2, 2];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partition-test-'));
  for (const number of seconds.keys()) await writeFile(localFile(number), landing(number).runId);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function landing(number: number): Landing {
  return {
    list: 'popular',
    date: '2026-01-31',
    folder: `bronze/${number}`,
    runId: `run-${number}`,
    contentHash: `hash-${number}`,
    landedAt: `2026-01-31T12:00:0${seconds[number]}.000Z`,
  };
}

function localFile(number: number): string {
  return join(folder, `${number}.parquet`);
}

function path(table: string): string {
  return silverPartitionPath('tmdb', table, 'popular', '2026-01-31');
}

async function replace(number: number, store: LakeStore): Promise<'replaced' | 'older' | 'same'> {
  const stands = await standing(landing(number), store);
  if (stands !== undefined) return stands === 'older' ? 'older' : 'same';
  const files = tables.map(table => ({ table, path: path(table), rows: 1, seconds: 0, localFile: localFile(number) }));
  const written = await replacePartition(landing(number), { rowsIn: 1, quarantined: 0, files }, store);
  return written === undefined ? 'older' : 'replaced';
}

async function contents(store: LakeStore): Promise<string[]> {
  return Promise.all(tables.map(async table => Buffer.from(await store.read(path(table))).toString()));
}

class Killed extends Error {}

test('whatever the order of their steps, silver ends with the latest landing', async () => {
  const calls = fc.array(
    fc.record({
      number: fc.nat({ max: seconds.length - 1 }),
      /** Operation on the store before which the call dies; it is made again, as an activity is. */
      dies: fc.option(fc.nat({ max: 14 })),
    }),
    { minLength: 2, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(calls, fc.scheduler(), async (given, scheduler) => {
      const store = memoryStore();
      const run = async ({ number, dies }: (typeof given)[number]): Promise<unknown> => {
        let operations = 0;
        const mortal = watched(store, async () => {
          await scheduler.schedule(Promise.resolve(), `${number}`);
          if (operations++ === dies) throw new Killed();
        });
        try {
          return await replace(number, mortal);
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          return run({ number, dies: null });
        }
      };
      const outcomes = await scheduler.waitFor(Promise.all(given.map(run)));

      const latest = Math.max(...given.map(({ number }) => number));
      expect(await contents(store)).toEqual(tables.map(() => landing(latest).runId));
      expect(await standing(landing(latest), store)).toMatchObject({ rowsIn: 1 });
      for (const [index, { number }] of given.entries()) {
        if (number === latest) expect(outcomes[index]).not.toBe('older');
        else expect(await replace(number, store)).toBe('older');
      }
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['a later landing', { number: 0, other: 1, outcome: 'older' }],
  ['an earlier landing', { number: 1, other: 0, outcome: 'replaced' }],
  ['the same landing', { number: 1, other: 1, outcome: 'replaced' }],
] as const)('%s may take its whole course between any two steps', async (_, { number, other, outcome }) => {
  const course = async (between: number) => {
    const store = memoryStore();
    let operations = 0;
    const interrupted = watched(store, async () => {
      if (operations++ === between) await replace(other, store);
    });
    return { outcome: await replace(number, interrupted), contents: await contents(store), operations };
  };
  const { operations } = await course(-1);
  expect(operations).toBeGreaterThan(12);
  for (let between = 0; between < operations; between++) {
    const found = await course(between);
    expect(found.contents, `before operation ${between}`).toEqual(tables.map(() => 'run-1'));
    const isDone = number === other && between === 0;
    expect(found.outcome, `before operation ${between}`).toBe(isDone ? 'same' : outcome);
  }
});

test('a later landing that died before its files leaves the partition to nobody older', async () => {
  const store = memoryStore();
  expect(await replace(0, store)).toBe('replaced');
  const dying = watched(store, async operation => {
    if (operation === 'upload') throw new Killed();
  });
  await expect(replace(2, dying)).rejects.toThrow(Killed);
  expect(await replace(1, store)).toBe('older');
  expect(await contents(store)).toEqual(tables.map(() => 'run-0'));
  expect(await replace(2, store)).toBe('replaced');
  expect(await contents(store)).toEqual(tables.map(() => 'run-2'));
});

test('a file that is missing or of another size is put back', async () => {
  const store = memoryStore();
  await replace(1, store);
  expect(await replace(1, store)).toBe('same');
  await store.delete(path('movies'));
  expect(await replace(1, store)).toBe('replaced');
  await store.write(path('movie_genres'), 'cut');
  expect(await replace(1, store)).toBe('replaced');
  expect(await contents(store)).toEqual(tables.map(() => 'run-1'));
});
