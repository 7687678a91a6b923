import { expect, test } from 'vitest';
import type { DeltaEngine } from '../../../shared/delta/engine.ts';
import { openTable } from '../../../shared/delta/snapshot.ts';
import { vacuumTable } from '../../../shared/delta/vacuum.ts';
import { appendToTable, overwriteTable } from '../../../shared/delta/write.ts';
import { TransientError } from '../../../shared/errors.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { mergeUsers, relation, schema, table, testLake, type User, usersIn, watched } from './lake.ts';

const users = (from: number, to: number, version: number, name = 'x'): User[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: BigInt(from + index), name, version }));

/** Runs `first`; before its store operation number `at` (from 0), `second` runs to its end. Returns false once `at` is past the end. */
async function interleaved(
  at: number,
  engine: DeltaEngine,
  first: (engine: DeltaEngine) => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<boolean> {
  let operation = 0;
  const store = watched(engine.store, async () => {
    if (operation++ === at) await second();
  });
  await first({ ...engine, store });
  return operation > at;
}

const races: Record<string, { second: (engine: DeltaEngine) => Promise<unknown>; expected: readonly User[] }> = {
  'a merge of the same rows, newer': {
    second: engine => mergeUsers(users(0, 6, 3, 'second'), engine),
    expected: [...users(0, 6, 3, 'second'), ...users(6, 9, 1), ...users(20, 22, 2, 'first')],
  },
  'a merge of the same rows, older': {
    second: engine => mergeUsers(users(4, 8, 1, 'second'), engine),
    // Rows that only the second writer brings stay; rows of the first are newer, whoever comes first.
    expected: [
      ...users(0, 6, 2, 'first'),
      ...users(6, 8, 1, 'second'),
      ...users(8, 9, 1),
      ...users(20, 22, 2, 'first'),
    ],
  },
  'a merge of other rows': {
    second: engine => mergeUsers([...users(7, 9, 2, 'second'), ...users(40, 41, 1, 'second')], engine),
    expected: [
      ...users(0, 6, 2, 'first'),
      ...users(6, 7, 1),
      ...users(7, 9, 2, 'second'),
      ...users(20, 22, 2, 'first'),
      ...users(40, 41, 1, 'second'),
    ],
  },
  'a merge that brings a row that is new to both': {
    second: engine => mergeUsers(users(20, 23, 1, 'second'), engine),
    expected: [
      ...users(0, 6, 2, 'first'),
      ...users(6, 9, 1),
      ...users(20, 22, 2, 'first'),
      ...users(22, 23, 1, 'second'),
    ],
  },
  'an append': {
    second: engine => appendToTable({ table, schema, source: rows(users(50, 53, 1)) }, engine),
    expected: [...users(0, 6, 2, 'first'), ...users(6, 9, 1), ...users(20, 22, 2, 'first'), ...users(50, 53, 1)],
  },
};

function rows(list: readonly User[]): string {
  return `(SELECT * EXCLUDE (gone) FROM ${relation(list)})`;
}

for (const [name, { second, expected }] of Object.entries(races)) {
  test(`a merge and ${name}, at every point of the first: both land`, { timeout: 60_000 }, async () => {
    await using lake = await testLake();
    let points = 0;
    for (let more = true; more; points++) {
      const engine = { ...lake.engine, store: memoryStore() };
      await mergeUsers(users(0, 9, 1), engine);
      const first = (own: DeltaEngine): Promise<unknown> =>
        mergeUsers([...users(0, 6, 2, 'first'), ...users(20, 22, 2, 'first')], own);
      more = await interleaved(points, engine, first, () => second(engine));
      if (!more) await second(engine);
      expect([...(await usersIn(engine)).values()]).toEqual(expected);
    }
    // The log, the candidates, the new files, the commit: the loop did meet them.
    expect(points).toBeGreaterThan(8);
  });
}

test('two merges that both make the table: both land', async () => {
  await using lake = await testLake();
  for (let at = 0, more = true; more; at++) {
    const engine = { ...lake.engine, store: memoryStore() };
    const first = (own: DeltaEngine): Promise<unknown> => mergeUsers(users(0, 4, 1, 'first'), own);
    const second = (): Promise<unknown> => mergeUsers(users(3, 6, 1, 'second'), engine);
    more = await interleaved(at, engine, first, second);
    if (!more) await second();
    expect([...(await usersIn(engine)).keys()]).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
  }
});

test('an overwrite that meets an append replaces the appended rows too', async () => {
  await using lake = await testLake();
  for (let at = 0, more = true; more; at++) {
    const engine = { ...lake.engine, store: memoryStore() };
    await mergeUsers(users(0, 3, 1), engine);
    const first = (own: DeltaEngine): Promise<unknown> =>
      overwriteTable({ table, schema, source: rows(users(7, 9, 1)) }, own);
    more = await interleaved(at, engine, first, () =>
      appendToTable({ table, schema, source: rows(users(3, 4, 1)) }, engine),
    );
    expect([...(await usersIn(engine)).keys()]).toEqual([7n, 8n]);
  }
});

test('a merge that does not touch what the winner wrote is put on top of it, not done again', async () => {
  await using lake = await testLake();
  await mergeUsers(users(0, 9, 1), lake.engine);
  let uploads = 0;
  let raced = false;
  const store = watched(lake.store, async (operation, path) => {
    if (operation === 'upload') uploads++;
    if (operation !== 'write' || !path.endsWith('1.json') || raced) return;
    raced = true;
    await mergeUsers(users(6, 8, 2), lake.engine);
  });
  expect(await mergeUsers(users(0, 2, 2), { ...lake.engine, store })).toMatchObject({ version: 2, rows: 9 });
  expect(uploads).toBe(1);
});

test('a writer that loses every time says so', async () => {
  await using lake = await testLake();
  await mergeUsers(users(0, 3, 1), lake.engine);
  let version = 1;
  const store = watched(lake.store, async (operation, path) => {
    if (operation === 'write' && path.endsWith('.json')) await mergeUsers(users(0, 3, ++version), lake.engine);
  });
  await expect(mergeUsers(users(0, 3, 100), { ...lake.engine, store })).rejects.toMatchObject({
    code: 'delta-conflict',
    kind: 'conflict',
  });
});

async function copyOf(store: LakeStore): Promise<LakeStore> {
  const copy = memoryStore();
  for await (const { path } of store.list('silver')) await copy.write(path, await store.read(path));
  return copy;
}

/** Lets operations through until number `at`, which fails: before it does anything, or after it did all (the answer is lost). */
function failingOnce(
  store: LakeStore,
  at: number,
  when: 'before' | 'after',
): { store: LakeStore; failed: () => boolean } {
  let operation = 0;
  let failed = false;
  const fail = (path: string): void => {
    failed = true;
    throw new TransientError(`${path}: the service went away`);
  };
  const before = watched(store, async (_, path) => {
    if (operation++ === at && when === 'before') fail(path);
  });
  const lost = (path: string): void => {
    if (operation === at + 1 && when === 'after' && !failed) fail(path);
  };
  return {
    failed: () => failed,
    store: {
      ...before,
      async write(path, body, condition) {
        const written = await before.write(path, body, condition);
        lost(path);
        return written;
      },
      async upload(localFile, path, condition) {
        const written = await before.upload(localFile, path, condition);
        lost(path);
        return written;
      },
    },
  };
}

for (const when of ['before', 'after'] as const) {
  test(`a merge that fails ${when} any one store operation and is repeated ends the same`, {
    timeout: 60_000,
  }, async () => {
    await using lake = await testLake();
    const merge = (engine: DeltaEngine, version: number): Promise<unknown> =>
      mergeUsers(users(0, 6, version + 2, `v${version}`), engine, { txn: { appId: 'test', version } });
    const base = { ...lake.engine, store: memoryStore() };
    await mergeUsers(users(0, 9, 1), base);
    // Nine commits, so that the one under test writes a checkpoint too.
    for (let version = 1; version < 10; version++) await merge(base, version);

    let points = 0;
    for (let more = true; more; points++) {
      const engine = { ...lake.engine, store: await copyOf(base.store) };
      const { store, failed } = failingOnce(engine.store, points, when);
      await merge({ ...engine, store }, 10).catch(() => merge(engine, 10));
      await merge(engine, 11);
      more = failed() || points < 20;
      expect([...(await usersIn(engine)).values()]).toEqual([...users(0, 6, 13, 'v11'), ...users(6, 9, 1)]);
      expect(await openTable({ table }, engine)).toMatchObject({ version: 11, txns: new Map([['test', 11]]) });
    }
  });
}

test('what a failed write leaves is swept away by vacuum, and nothing else is', async () => {
  await using lake = await testLake();
  await mergeUsers(users(0, 3, 1), lake.engine);
  const { store } = failingOnce(lake.store, 4, 'before');
  await expect(mergeUsers(users(0, 3, 2), { ...lake.engine, store })).rejects.toThrow('went away');
  const soon = { ...lake.engine, clock: { now: () => Date.now() + 1000 } };
  await vacuumTable({ table, retentionMs: 0 }, soon);
  expect((await usersIn(lake.engine)).size).toBe(3);
});
