/** Events that speak of files which are not there, or not what they were. */
import { expect, test } from 'vitest';
import { bronzeManifestPath, bronzePagePath } from '../../../../shared/catalog/lake-paths.ts';
import { PermanentError, TransientError } from '../../../../shared/errors.ts';
import { transformList } from '../../../../shared/silver/transform/transform-list.ts';
import { type TestLake, testLake } from '../../delta/lake.ts';
import { json, land, page, silverRows } from './landings.ts';

const at = '2026-01-31T12:00:00.000Z';

/** The engine at a time after the landing. */
function after(minutes: number, { engine }: TestLake) {
  return { ...engine, clock: { now: () => Date.parse(at) + minutes * 60_000 } };
}

test('an event that is ahead of its manifest is to be tried again, for an hour', async () => {
  await using lake = await testLake();
  const landing = await land([page([{ id: 1 }])], { at }, lake.store);
  const manifest = bronzeManifestPath(landing.folder);
  const bytes = await lake.store.read(manifest);
  await lake.store.delete(manifest);

  const early = transformList(landing, after(59, lake));
  await expect(early).rejects.toThrow(TransientError);
  await expect(early).rejects.toMatchObject({ code: 'not-visible', message: expect.stringContaining(manifest) });
  const late = transformList(landing, after(61, lake));
  await expect(late).rejects.toThrow(PermanentError);
  await expect(late).rejects.toMatchObject({ code: 'landing-gone', message: expect.stringContaining(manifest) });
  await lake.store.write(manifest, bytes);
  expect(await transformList(landing, after(61, lake))).toMatchObject({ outcome: 'replaced' });
});

test('a landing whose pages were removed is gone, and silver stays', async () => {
  await using lake = await testLake();
  await transformList(await land([page([{ id: 1 }])], { at }, lake.store), lake.engine);
  const later = await land([page([{ id: 2 }]), page([{ id: 3 }])], { at: '2026-01-31T13:00:00.000Z' }, lake.store);
  const gone = bronzePagePath(later.folder, 2);
  await lake.store.delete(gone);
  await expect(transformList(later, lake.engine)).rejects.toMatchObject({
    code: 'landing-gone',
    message: expect.stringContaining(gone),
  });
  expect(await silverRows('movie_lists', 'SELECT movie_id FROM silver', lake.engine)).toEqual([['1']]);
});

test('a page that is not what was landed stops the transform', async () => {
  await using lake = await testLake();
  const landing = await land([page([{ id: 1 }]), page([{ id: 2 }])], {}, lake.store);
  await lake.store.write(bronzePagePath(landing.folder, 2), page([{ id: 3 }]));
  await expect(transformList(landing, lake.engine)).rejects.toMatchObject({
    kind: 'permanent',
    code: 'landing-changed',
  });
  expect(await silverRows('movie_lists', 'FROM silver', lake.engine).catch(() => 'no files')).toBe('no files');
});

test.each([
  ['contentHash', 'f'.repeat(64)],
  ['runId', 'tmdb-other'],
  ['list', 'upcoming'],
  ['date', '2026-01-30'],
  ['landedAt', '2026-01-31T12:00:00.001Z'],
  ['folder', 'bronze/tmdb/popular/2026/01/31/other'],
])('a manifest with another %s is not the landing of the event', async (name, value) => {
  await using lake = await testLake();
  const landing = await land([page([{ id: 1 }])], { at }, lake.store);
  const manifest = bronzeManifestPath(landing.folder);
  const changed = { ...((await json(manifest, lake.store)) as object), [name]: value };
  await lake.store.write(manifest, JSON.stringify(changed));
  await expect(transformList(landing, lake.engine)).rejects.toMatchObject({
    kind: 'permanent',
    code: 'landing-changed',
    message: expect.stringContaining(`${name} `),
  });
});
