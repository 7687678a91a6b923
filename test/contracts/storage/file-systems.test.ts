import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, collect, failure, type Storage, storage } from './fixture.ts';
import { signed } from './signed-request.ts';

/** File systems and listings through the real Data Lake SDK. */
let lake: Storage;

beforeAll(async () => {
  lake = await storage();
});
afterAll(() => lake.close());

describe('file systems', () => {
  test('create, describe, list, delete', async () => {
    const silver = lake.service.getFileSystemClient('silver');
    expect(await silver.exists()).toBe(false);
    await silver.create({ metadata: { layer: 'silver' } });
    expect((await silver.createIfNotExists()).succeeded).toBe(false);
    expect(await failure(silver.create())).toMatchObject({ status: 409, code: 'ContainerAlreadyExists' });
    expect((await silver.getProperties()).metadata).toEqual({ layer: 'silver' });
    await silver.setMetadata({ layer: 'two' });
    const [found] = await collect(lake.service.listFileSystems({ prefix: 'sil', includeMetadata: true }));
    expect(found).toMatchObject({ name: 'silver', metadata: { layer: 'two' } });
    await silver.getFileClient('a/b').upload(Buffer.from('x'));
    await silver.delete();
    expect(await silver.exists()).toBe(false);
    expect(existsSync(join(lake.root, 'silver'))).toBe(false);
    expect((await silver.deleteIfExists()).succeeded).toBe(false);
    await silver.create();
    expect((await silver.getProperties()).metadata).toEqual({});
    expect(await silver.getFileClient('a/b').exists()).toBe(false);
  });

  test('a folder made by hand is one; the hidden folder is not', async () => {
    mkdirSync(join(lake.root, 'by-hand'));
    const names = (await collect(lake.service.listFileSystems())).map(({ name }) => name);
    expect(names).toContain('by-hand');
    expect(names.some(name => name.startsWith('.'))).toBe(false);
    const pages = await collect(lake.service.listFileSystems().byPage({ maxPageSize: 1 }));
    expect(pages.flatMap(page => page.fileSystemItems.map(({ name }) => name))).toEqual(names);
  });

  test('keep their access policies', async () => {
    const bronze = lake.service.getFileSystemClient('bronze');
    expect((await bronze.getAccessPolicy()).signedIdentifiers).toEqual([]);
    const accessPolicy = { permissions: 'rl', startsOn: new Date('2026-01-01'), expiresOn: new Date('2036-01-01') };
    await bronze.setAccessPolicy(undefined, [{ id: 'readers', accessPolicy }]);
    expect((await bronze.getAccessPolicy()).signedIdentifiers).toEqual([{ id: 'readers', accessPolicy }]);
  });

  test('a missing one is named on either side', async () => {
    const missing = lake.service.getFileSystemClient('missing');
    expect(await failure(missing.getProperties())).toMatchObject({ status: 404, code: 'ContainerNotFound' });
    expect(await failure(missing.getFileClient('x').create())).toMatchObject({
      status: 404,
      code: 'FilesystemNotFound',
    });
    expect(await failure(collect(missing.listPaths()))).toMatchObject({ status: 404, code: 'FilesystemNotFound' });
    expect(await failure(missing.getFileClient('x').read())).toMatchObject({ status: 404, code: 'ContainerNotFound' });
  });
});

describe('listing paths', () => {
  const paths = ['a', 'a/b', 'a/b/1.csv', 'a/b/2.csv', 'a/c.csv', 'a.csv', 'é', 'é/x & <y>.csv'];

  beforeAll(async () => {
    const fileSystem = lake.service.getFileSystemClient('listed');
    await fileSystem.create();
    for (const path of paths.filter(name => name.endsWith('.csv'))) {
      await fileSystem.getFileClient(path).upload(Buffer.from(path));
    }
  });

  test('is depth-first, segment by segment, whatever the page size', async () => {
    const fileSystem = lake.service.getFileSystemClient('listed');
    for (const maxPageSize of [1, 2, 3, 5000]) {
      const pages = await collect(fileSystem.listPaths({ recursive: true }).byPage({ maxPageSize }));
      expect(pages.flatMap(page => page.pathItems?.map(({ name }) => name))).toEqual(paths);
      expect(pages).toHaveLength(Math.ceil(paths.length / maxPageSize));
    }
  });

  test('tells size, kind and ETag as a HEAD does', async () => {
    const fileSystem = lake.service.getFileSystemClient('listed');
    const items = await collect(fileSystem.listPaths({ path: 'a', recursive: false }));
    expect(items.map(({ name, isDirectory }) => [name, isDirectory])).toEqual([
      ['a/b', true],
      ['a/c.csv', false],
    ]);
    const { etag, lastModified, contentLength } = await fileSystem.getFileClient('a/c.csv').getProperties();
    expect(`"${items[1]?.etag}"`).toBe(etag);
    expect(items[1]).toMatchObject({ lastModified, contentLength });
  });

  test('of one file is that file; of nothing is an error; of an empty directory is empty', async () => {
    const fileSystem = lake.service.getFileSystemClient('listed');
    expect(await collect(fileSystem.listPaths({ path: 'a.csv' }))).toMatchObject([{ name: 'a.csv' }]);
    expect(await failure(collect(fileSystem.listPaths({ path: 'none' })))).toMatchObject({
      status: 404,
      code: 'PathNotFound',
    });
    const empty = lake.service.getFileSystemClient('empty');
    await empty.create();
    expect(await collect(empty.listPaths())).toEqual([]);
  });

  test('goes on behind a path that was removed between two pages', async () => {
    const fileSystem = lake.service.getFileSystemClient('shrinking');
    await fileSystem.create();
    for (const name of ['1', '2', '3', '4']) await fileSystem.getFileClient(name).upload(Buffer.from('x'));
    const pages = fileSystem.listPaths().byPage({ maxPageSize: 2 });
    const first = await pages.next();
    await fileSystem.getFileClient('3').delete();
    const second = await pages.next();
    expect(first.value?.pathItems?.map(({ name }: { name?: string }) => name)).toEqual(['1', '2']);
    expect(second.value?.pathItems?.map(({ name }: { name?: string }) => name)).toEqual(['4']);
  });

  test('bad sizes are the caller’s mistake', async () => {
    const answer = await signed(
      lake.url,
      'GET',
      `/${ACCOUNT.name}/listed?resource=filesystem&recursive=true&maxResults=x`,
    );
    expect(answer).toMatchObject({ status: 400, headers: { 'x-ms-error-code': 'InvalidQueryParameterValue' } });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'InvalidQueryParameterValue' } });
  });
});

test('any name that a disk can hold makes the round trip: upload, list, read, rename, delete', async () => {
  const fileSystem = lake.service.getFileSystemClient('names');
  await fileSystem.create();
  const segment = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter(text => !/[/\\\0]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed());
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map(segments => `p/${segments.join('/')}`);
  await fc.assert(
    fc.asyncProperty(path, async name => {
      const file = fileSystem.getFileClient(name);
      await file.upload(Buffer.from(name));
      const listed = await collect(fileSystem.listPaths({ recursive: true }));
      expect(listed.filter(item => !item.isDirectory).map(item => item.name)).toEqual([name]);
      expect((await file.readToBuffer()).toString()).toBe(name);
      expect(existsSync(join(lake.root, 'names', name))).toBe(true);
      // The SDK sends the target of a move as given where it holds a percent sign.
      await file.move(encodeURIComponent('moved %41'));
      expect((await fileSystem.getFileClient('moved %41').readToBuffer()).toString()).toBe(name);
      await fileSystem.getFileClient('moved %41').delete();
      await fileSystem.getDirectoryClient('p').delete(true);
    }),
    { numRuns: 40, examples: [['p/a+b'], ['p/%2e%2e'], ['p/100%'], ['p/ '], ['p/a?b#c&d=e'], ['p/…/🎬']] },
  );
});
