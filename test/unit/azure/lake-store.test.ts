/** The store on ADLS Gen2, against the stand-in over real sockets: on good days, and with a fault at every point it passes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Fault, type FaultAction, FaultTable, type OperationPoint } from '../../../local/faults.ts';
import { azureLakeStore } from '../../../shared/azure/lake-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { collect, type Storage, storage } from '../../contracts/storage/fixture.ts';

const path = 'bronze/youflix/users/run.csv';
const slept: number[] = [];

let faults: FaultTable;
let server: Storage;
let store: LakeStore;

beforeEach(async () => {
  slept.length = 0;
  faults = new FaultTable();
  server = await storage({ faults });
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
  };
  store = azureLakeStore(server.service, { effects: { sleep } });
});

afterEach(() => server.close());

async function text(): Promise<string> {
  return Buffer.from(await store.read(path)).toString();
}

/** Every file of the file system, those on their way included. */
async function files(): Promise<string[]> {
  const items = await collect(server.service.getFileSystemClient('bronze').listPaths({ recursive: true }));
  return items.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name ?? '');
}

/** The points that `work` passes when nothing goes wrong. */
async function pointsOf(work: () => Promise<unknown>): Promise<OperationPoint[]> {
  const points: OperationPoint[] = [];
  const stop = faults.observe(point => {
    points.push(point);
  });
  await work();
  stop();
  return points;
}

/** What matches the same point of another write, whose staged file has another name. */
function faultAt(point: OperationPoint, action: FaultAction): Fault {
  const operation = point.operation.replace(/[0-9a-f-]{36}/g, '*');
  return { service: 'storage', operation, phase: point.phase, action };
}

describe('on a good day', () => {
  test('a write is whole, conditional, and leaves nothing behind', async () => {
    const first = await store.write(path, 'one', { only: 'absent' });
    expect(await store.head(path)).toMatchObject({ path, bytes: 3, etag: first.etag });
    await expect(store.write(path, 'two', { only: 'absent' })).rejects.toMatchObject({ kind: 'conflict' });
    const second = await store.write(path, 'two', { only: { etag: first.etag } });
    await expect(store.write(path, 'three', { only: { etag: first.etag } })).rejects.toMatchObject({
      kind: 'conflict',
    });
    expect(await text()).toBe('two');
    expect(second.etag).not.toBe(first.etag);
    expect(await files()).toEqual(['youflix/users/run.csv']);
  });

  test('of many writers that want the file to be new, one wins', async () => {
    const writes = Array.from({ length: 6 }, (_, index) => store.write(path, `writer ${index}`, { only: 'absent' }));
    const outcomes = await Promise.allSettled(writes);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await text()).toBe(`writer ${winner}`);
  });

  test('what is read is one version, also when the file is replaced at that moment', async () => {
    await store.write(path, 'short');
    const stop = faults.observe(async ({ operation, phase }) => {
      if (operation !== `GET ${path}` || phase !== 'before') return;
      stop();
      await store.write(path, 'and then a longer one');
    });
    expect(await text()).toBe('and then a longer one');
  });

  test('a body of several blocks arrives byte for byte, and parts of it are read', async () => {
    const body = Buffer.alloc(9 * 1024 * 1024 + 7, 'abcdefghijk');
    async function* chunks(): AsyncIterable<Uint8Array> {
      for (let start = 0; start < body.length; start += 1_000_003) yield body.subarray(start, start + 1_000_003);
    }
    expect(await store.write(path, chunks())).toMatchObject({ bytes: body.length });
    expect(Buffer.concat(await collect(store.readStream(path))).equals(body)).toBe(true);
    const part = Buffer.from(await store.read(path, { start: 4_194_300, end: 4_194_320 }));
    expect(part).toEqual(body.subarray(4_194_300, 4_194_320));
  });

  test('a source that breaks publishes nothing', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('half');
      throw new TypeError('the source broke');
    }
    await expect(store.write(path, broken())).rejects.toThrow('the source broke');
    expect(await files()).toEqual([]);
  });

  test('what is not there', async () => {
    expect(await store.head(path)).toBeUndefined();
    await expect(store.read(path)).rejects.toMatchObject({ kind: 'permanent', code: 'not-found' });
    await expect(collect(store.readStream(path))).rejects.toMatchObject({ code: 'not-found' });
    expect(await collect(store.list('bronze/nothing'))).toEqual([]);
    await store.delete(path);
  });

  test('a folder is listed at any depth, files only', async () => {
    for (const name of ['t/b', 't/a/2', 't/a/10', 'tt/x']) await store.write(`bronze/${name}`, name);
    const listed = await collect(store.list('bronze/t'));
    expect(listed.map(file => file.path)).toEqual(['bronze/t/a/10', 'bronze/t/a/2', 'bronze/t/b']);
    expect(await store.head('bronze/t/a')).toBeUndefined();
    expect(listed[0]).toMatchObject({ bytes: 6, etag: (await store.head('bronze/t/a/10'))?.etag });
  });

  test.each(['bronze', '/bronze/a', 'bronze/', ''])('%o is no path', async bad => {
    await expect(store.head(bad)).rejects.toMatchObject({ kind: 'permanent', code: 'bad-path' });
  });
});

const troubles: readonly (readonly [string, FaultAction])[] = [
  ['503', { kind: 'status', status: 503, retryAfterSeconds: 3 }],
  ['429', { kind: 'status', status: 429, retryAfterSeconds: 3 }],
  ['500', { kind: 'status', status: 500 }],
  ['a cut connection', { kind: 'reset' }],
];

describe.each(troubles)('with %s once, at every point, before the effect and after it', (_, action) => {
  const honoured = (): void => {
    expect(slept).not.toEqual([]);
    if (action.kind === 'status' && action.retryAfterSeconds !== undefined)
      expect(Math.max(...slept)).toBeGreaterThanOrEqual(action.retryAfterSeconds * 1000);
  };

  test('a first write: the file is there, ours, once', async () => {
    const points = await pointsOf(() => store.write('bronze/rehearsal/users/run.csv', 'body', { only: 'absent' }));
    const targets = points.map(point => ({ ...point, operation: point.operation.replace('rehearsal', 'youflix') }));
    expect(targets.length).toBeGreaterThanOrEqual(8);
    for (const point of targets) {
      faults.clear();
      faults.add(faultAt(point, action));
      slept.length = 0;
      const written = await store.write(path, 'body', { only: 'absent' });
      expect(await text(), `${point.operation} ${point.phase}`).toBe('body');
      expect(written.etag, `${point.operation} ${point.phase}`).toBe((await store.head(path))?.etag);
      expect((await files()).filter(name => name.startsWith('_staging'))).toEqual([]);
      honoured();
      // The folder goes too, so that making it is among the points again.
      await server.service.getFileSystemClient('bronze').getDirectoryClient('youflix').deleteIfExists(true);
    }
  });

  test('an exchange: it happens, and only over what it saw', async () => {
    await store.write(path, 'old');
    const seen = await store.head(path);
    const points = await pointsOf(() => store.write(path, 'new', { only: { etag: seen?.etag ?? '' } }));
    for (const point of points) {
      faults.clear();
      const { etag } = await store.write(path, 'old');
      faults.add(faultAt(point, action));
      const written = await store.write(path, 'new', { only: { etag } });
      expect(await text(), `${point.operation} ${point.phase}`).toBe('new');
      expect(written.etag).toBe((await store.head(path))?.etag);
    }
  });

  test('reading and listing: the same answer, late', async () => {
    await store.write(path, 'body');
    const works: readonly (() => Promise<unknown>)[] = [
      () => store.head(path),
      () => store.read(path),
      () => store.read(path, { start: 1, end: 3 }),
      () => collect(store.readStream(path)),
      () => collect(store.list('bronze/youflix')),
    ];
    for (const work of works) {
      const expected = await work();
      for (const point of await pointsOf(work)) {
        faults.clear();
        faults.add(faultAt(point, action));
        slept.length = 0;
        expect(await work(), `${point.operation} ${point.phase}`).toEqual(expected);
        expect(slept, `${point.operation} ${point.phase}`).toHaveLength(1);
      }
    }
  });

  test('deleting: it is gone', async () => {
    await store.write(path, 'body');
    const points = await pointsOf(() => store.delete(path));
    for (const point of points) {
      faults.clear();
      await store.write(path, 'body');
      faults.add(faultAt(point, action));
      await store.delete(path);
      expect(await files(), `${point.operation} ${point.phase}`).toEqual([]);
    }
  });
});

test('a listing of several pages goes on where it was when one of them failed', async () => {
  const folder = join(server.root, 'bronze', 'many');
  mkdirSync(folder);
  const names = Array.from({ length: 5001 }, (_, index) => `f${String(index).padStart(4, '0')}`);
  for (const name of names) writeFileSync(join(folder, name), '');
  faults.add({ service: 'storage', operation: 'LIST *', action: { kind: 'status', status: 503 }, skip: 1 });
  const listed = await collect(store.list('bronze/many'));
  expect(slept).toHaveLength(1);
  expect(listed.map(file => file.path)).toEqual(names.map(name => `bronze/many/${name}`));
});

test('a service that stays away is transient in the end, after five calls', async () => {
  faults.add({ service: 'storage', operation: '*', action: { kind: 'status', status: 503 }, times: 100 });
  await expect(store.head(path)).rejects.toMatchObject({ kind: 'transient' });
  expect(slept).toHaveLength(4);
});
