import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DataLakeFileSystemClient } from '@azure/storage-file-datalake';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, collect, failure, type Storage, storage } from './fixture.ts';
import { signed } from './signed-request.ts';

/** Files and directories through the real Data Lake SDK. */
let lake: Storage;
let bronze: DataLakeFileSystemClient;

beforeAll(async () => {
  lake = await storage({ fileSystems: ['bronze', 'silver'] });
  bronze = lake.service.getFileSystemClient('bronze');
});
afterAll(() => lake.close());

async function put(path: string, text: string) {
  const file = bronze.getFileClient(path);
  await file.upload(Buffer.from(text));
  return file;
}

const textOf = async (path: string) => (await bronze.getFileClient(path).readToBuffer()).toString();

describe('create', () => {
  test('makes parents, keeps metadata, content headers and permissions', async () => {
    const file = bronze.getFileClient('create/deep/er/a.csv');
    await file.create({
      metadata: { Owner: 'data team', note: 'a,b=c' },
      pathHttpHeaders: { contentType: 'text/csv', cacheControl: 'no-store', contentLanguage: 'en' },
      permissions: '0640',
      umask: '0022',
    });
    const properties = await file.getProperties();
    expect(properties.metadata).toMatchObject({ owner: 'data team', note: 'a,b=c' });
    expect(properties).toMatchObject({
      contentType: 'text/csv',
      cacheControl: 'no-store',
      contentLanguage: 'en',
      contentLength: 0,
    });
    expect((await file.getAccessControl()).permissions).toMatchObject({
      owner: { write: true },
      group: { read: true, write: false },
    });
    expect((await bronze.getDirectoryClient('create/deep').getProperties()).metadata).toEqual({ hdi_isfolder: 'true' });
    expect(readFileSync(join(lake.root, 'bronze/create/deep/er/a.csv'), 'utf8')).toBe('');
  });

  test('if absent: says so when it is there', async () => {
    const file = await put('create/once.csv', 'x');
    expect((await file.createIfNotExists()).succeeded).toBe(false);
    const again = await failure(file.create({ conditions: { ifNoneMatch: '*' } }));
    expect(again).toMatchObject({ status: 409, code: 'PathAlreadyExists' });
    expect(await textOf('create/once.csv')).toBe('x');
    expect((await bronze.getDirectoryClient('create/dir').createIfNotExists()).succeeded).toBe(true);
    expect((await bronze.getDirectoryClient('create/dir').createIfNotExists()).succeeded).toBe(false);
  });

  test('without condition empties the file and forgets its properties and what was staged', async () => {
    const file = bronze.getFileClient('create/again.csv');
    await file.create({ metadata: { old: 'yes' } });
    await file.append(Buffer.from('staged'), 0, 6);
    await file.create();
    expect((await file.getProperties()).metadata).toEqual({});
    expect(await failure(file.flush(6))).toMatchObject({ status: 400, code: 'InvalidFlushPosition' });
  });

  test('refuses a file where a directory is, and the reverse, and below a file', async () => {
    await put('create/kind', 'x');
    expect(await failure(bronze.getDirectoryClient('create/kind').create())).toMatchObject({
      status: 409,
      code: 'PathConflict',
    });
    expect(await failure(bronze.getFileClient('create').create())).toMatchObject({ status: 409, code: 'PathConflict' });
    expect(await failure(bronze.getFileClient('create/kind/below').create())).toMatchObject({
      status: 409,
      code: 'PathConflict',
    });
    expect(await bronze.getFileClient('create/kind/below').exists()).toBe(false);
  });
});

describe('append and flush', () => {
  test('take blocks in any order and twice; nothing shows before the flush', async () => {
    const file = bronze.getFileClient('append/parts.csv');
    await file.create();
    await file.append(Buffer.from('cc'), 4, 2);
    await file.append(Buffer.from('aa'), 0, 2);
    expect((await file.getProperties()).contentLength).toBe(0);
    expect(await failure(file.flush(6))).toMatchObject({ status: 400, code: 'InvalidFlushPosition' });
    await file.append(Buffer.from('bb'), 2, 2);
    await file.append(Buffer.from('bb'), 2, 2);
    expect(await failure(file.flush(7))).toMatchObject({ status: 400, code: 'InvalidFlushPosition' });
    const { etag } = await file.flush(6);
    expect(await textOf('append/parts.csv')).toBe('aabbcc');
    expect((await file.getProperties()).etag).toBe(etag);
    await file.flush(6);
    expect(await textOf('append/parts.csv')).toBe('aabbcc');
  });

  test('add to what is there; a position inside the file is refused', async () => {
    const file = await put('append/log.csv', 'first,');
    expect(await failure(file.append(Buffer.from('x'), 3, 1))).toMatchObject({
      status: 400,
      code: 'InvalidQueryParameterValue',
    });
    await file.append(Buffer.from('second'), 6, 6);
    expect(await textOf('append/log.csv')).toBe('first,');
    await file.flush(12);
    expect(await textOf('append/log.csv')).toBe('first,second');
  });

  test('retain what lies behind the flush when asked to, else drop it', async () => {
    const file = bronze.getFileClient('append/retain.csv');
    await file.create();
    await file.append(Buffer.from('123456'), 0, 6);
    await file.flush(2, { retainUncommittedData: true });
    expect(await textOf('append/retain.csv')).toBe('12');
    await file.flush(4);
    expect(await textOf('append/retain.csv')).toBe('1234');
    expect(await failure(file.flush(6))).toMatchObject({ code: 'InvalidFlushPosition' });
  });

  test('append with flush in one call, and an MD5 that must fit', async () => {
    await bronze.getFileClient('append/at-once.csv').create();
    const path = `/${ACCOUNT.name}/bronze/append/at-once.csv?action=append&flush=true&position=`;
    const headers = { 'content-md5': createHash('md5').update('hello').digest('base64') };
    expect(await signed(lake.url, 'PATCH', `${path}0`, headers, 'hello')).toMatchObject({ status: 202 });
    expect(await textOf('append/at-once.csv')).toBe('hello');
    const wrong = await signed(lake.url, 'PATCH', `${path}5`, headers, 'world');
    expect(wrong).toMatchObject({ status: 400, headers: { 'x-ms-error-code': 'Md5Mismatch' } });
    expect(await textOf('append/at-once.csv')).toBe('hello');
  });

  test('an append that ends after the flush changes nothing any more', async () => {
    const file = bronze.getFileClient('append/late.csv');
    await file.create();
    const held = Promise.withResolvers<void>();
    const slowly = async function* () {
      yield Buffer.from('late');
      await held.promise;
      yield Buffer.from('late');
    };
    const staging = join(lake.root, '.storage/staging');
    const before = readdirSync(staging).length;
    const late = failure(file.append(() => Readable.from(slowly()), 0, 8));
    await expect.poll(() => readdirSync(staging).length).toBe(before + 1);
    await file.append('in time;', 0, 8);
    await file.flush(8);
    held.resolve();
    expect(await late).toMatchObject({ status: 400, code: 'InvalidQueryParameterValue' });
    expect(await textOf('append/late.csv')).toBe('in time;');
  });

  test('parallel uploads of many blocks and streams come out whole', async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 800_000 }, (_, index) => index * 2654435761).buffer);
    const sent: Promise<unknown>[] = [0, 1, 2].map(index =>
      bronze.getFileClient(`append/large-${index}`).upload(bytes, { chunkSize: 256 * 1024, singleUploadThreshold: 1 }),
    );
    await Promise.all(sent);
    for (const index of [0, 1, 2]) {
      const read = await bronze
        .getFileClient(`append/large-${index}`)
        .readToBuffer(0, undefined, { chunkSize: 500_000 });
      expect(read.equals(bytes)).toBe(true);
    }
  });

  test('a missing file is not made by an append', async () => {
    expect(await failure(bronze.getFileClient('append/none').append('x', 0, 1))).toMatchObject({
      status: 404,
      code: 'PathNotFound',
    });
  });
});

describe('conditions', () => {
  test('an old ETag loses, on flush, delete, metadata and rename', async () => {
    const file = await put('conditions/a', 'one');
    const { etag = '' } = await file.getProperties();
    await file.setMetadata({ touched: 'yes' });
    const conditions = { ifMatch: etag };
    await file.append('two', 3, 3);
    const lost = { status: 412, code: 'ConditionNotMet' };
    expect(await failure(file.flush(6, { conditions }))).toMatchObject(lost);
    expect(await failure(file.setMetadata({}, { conditions }))).toMatchObject(lost);
    expect(await failure(file.delete(false, { conditions }))).toMatchObject(lost);
    const moved = file.move('conditions/b', { conditions });
    expect(await failure(moved)).toMatchObject({ status: 412, code: 'SourceConditionNotMet' });
    const { etag: now = '' } = await file.getProperties();
    await file.flush(6, { conditions: { ifMatch: now } });
    expect(await textOf('conditions/a')).toBe('onetwo');
  });

  test('of many put-if-absent renames onto one path, one wins', async () => {
    const sources = await Promise.all(
      Array.from({ length: 8 }, (_, index) => put(`conditions/racer-${index}`, `${index}`)),
    );
    const results = await Promise.allSettled(
      sources.map(file => file.move('conditions/goal', { destinationConditions: { ifNoneMatch: '*' } })),
    );
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ statusCode: 409, code: 'PathAlreadyExists' });
    }
  });

  test('reads: 304 for a copy that is still good, 412 for one that is not', async () => {
    const file = await put('conditions/read', 'x');
    const { etag = '', lastModified = new Date() } = await file.getProperties();
    expect(await failure(file.read(0, 1, { conditions: { ifNoneMatch: etag } }))).toMatchObject({ status: 304 });
    expect(await failure(file.read(0, 1, { conditions: { ifMatch: '"other"' } }))).toMatchObject({ status: 412 });
    expect(await failure(file.read(0, 1, { conditions: { ifModifiedSince: lastModified } }))).toMatchObject({
      status: 304,
    });
    const before = new Date(lastModified.getTime() - 5000);
    expect(await failure(file.read(0, 1, { conditions: { ifUnmodifiedSince: before } }))).toMatchObject({
      status: 412,
    });
  });

  test('a change made by hand moves the ETag, and a metadata write moves Last-Modified', async () => {
    const file = await put('conditions/hand', 'x');
    const location = join(lake.root, 'bronze/conditions/hand');
    const { etag } = await file.getProperties();
    writeFileSync(location, 'changed');
    expect((await file.getProperties()).etag).not.toBe(etag);
    utimesSync(location, 1000, 1000);
    await file.setMetadata({ at: 'now' });
    const { lastModified } = await file.getProperties();
    expect(Date.now() - (lastModified?.getTime() ?? 0)).toBeLessThan(10_000);
  });
});

describe('rename', () => {
  test('moves a file with its metadata and its ETag, replacing what is there', async () => {
    const file = await put('rename/a', 'new');
    await put('rename/b', 'old');
    await file.setMetadata({ kept: 'yes' });
    const { etag } = await file.getProperties();
    await file.move('rename/b');
    const moved = await bronze.getFileClient('rename/b').getProperties();
    expect(moved).toMatchObject({ etag, metadata: { kept: 'yes' } });
    expect(await textOf('rename/b')).toBe('new');
    expect(await bronze.getFileClient('rename/a').exists()).toBe(false);
  });

  test('moves a directory with everything in it, also into another file system', async () => {
    const file = await put('rename/tree/x/deep.txt', 'deep');
    await file.setMetadata({ level: '2' });
    await bronze.getDirectoryClient('rename/tree').move('silver', 'moved');
    const silver = lake.service.getFileSystemClient('silver');
    const deep = silver.getFileClient('moved/x/deep.txt');
    expect((await deep.readToBuffer()).toString()).toBe('deep');
    expect((await deep.getProperties()).metadata).toEqual({ level: '2' });
    expect(await bronze.getDirectoryClient('rename/tree').exists()).toBe(false);
    expect(existsSync(join(lake.root, 'silver/moved/x/deep.txt'))).toBe(true);
  });

  test('an upload under way at the old path does not follow', async () => {
    const file = bronze.getFileClient('rename/staged');
    await file.create();
    await file.append('xyz', 0, 3);
    await file.move('rename/staged-moved');
    const { status } = await failure(bronze.getFileClient('rename/staged-moved').flush(3));
    expect(status).toBe(400);
  });

  test('says what is wrong', async () => {
    await put('rename/file', 'x');
    await put('rename/full/x', 'x');
    await put('rename/dir/x', 'x');
    const file = bronze.getFileClient('rename/file');
    const directory = bronze.getDirectoryClient('rename/dir');
    const none = bronze.getFileClient('rename/none');
    expect(await failure(none.move('rename/y'))).toMatchObject({ status: 404, code: 'SourcePathNotFound' });
    expect(await failure(file.move('nowhere/y'))).toMatchObject({
      status: 404,
      code: 'RenameDestinationParentPathNotFound',
    });
    expect(await failure(file.move('missing-system', 'y'))).toMatchObject({ status: 404, code: 'FilesystemNotFound' });
    expect(await failure(directory.move('rename/dir/below'))).toMatchObject({
      status: 409,
      code: 'InvalidRenameSourcePath',
    });
    expect(await failure(directory.move('rename/full'))).toMatchObject({ status: 409, code: 'DirectoryNotEmpty' });
    expect(await failure(file.move('rename/full'))).toMatchObject({ status: 409, code: 'PathConflict' });
    await file.move('rename/file');
    expect(await textOf('rename/file')).toBe('x');
  });
});

describe('read', () => {
  test('ranges, past the end, the empty file', async () => {
    const file = await put('read/a', '0123456789');
    const part = await file.read(2, 3);
    expect(part).toMatchObject({ contentRange: 'bytes 2-4/10', contentLength: 3 });
    expect(await file.readToBuffer(8, 2).then(String)).toBe('89');
    expect(await failure(file.read(10, 5))).toMatchObject({ status: 416, code: 'InvalidRange' });
    const empty = await put('read/empty', '');
    expect((await empty.read()).contentLength).toBe(0);
    expect(await failure(empty.read(0, 5))).toMatchObject({ status: 416 });
  });

  test('goes on showing the version it began with while another takes its place', async () => {
    const size = 8 * 1024 * 1024;
    const file = await put('read/replaced', 'a'.repeat(size));
    const { readableStreamBody: stream } = await file.read();
    const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const first = await chunks.next();
    await put('read/replaced', 'b'.repeat(100));
    const rest = await collect({ [Symbol.asyncIterator]: () => chunks });
    const all = Buffer.concat([first.value as Buffer, ...rest]);
    expect(all.equals(Buffer.alloc(size, 'a'))).toBe(true);
  });

  test('files put there by hand are served', async () => {
    writeFileSync(join(lake.root, 'bronze', 'by hand.txt'), 'hello');
    expect(await textOf('by hand.txt')).toBe('hello');
  });
});

describe('delete', () => {
  test('files, and directories only as a whole when asked', async () => {
    await put('delete/dir/x', 'x');
    const directory = bronze.getDirectoryClient('delete/dir');
    expect(await failure(directory.delete(false))).toMatchObject({ status: 409, code: 'DirectoryNotEmpty' });
    await directory.delete(true);
    expect(await directory.exists()).toBe(false);
    expect((await directory.deleteIfExists()).succeeded).toBe(false);
    expect((await bronze.getFileClient('delete/none').deleteIfExists()).succeeded).toBe(false);
    await bronze.getDirectoryClient('delete/dir').create();
    expect((await directory.getProperties()).metadata).toEqual({ hdi_isfolder: 'true' });
  });
});

describe('properties', () => {
  test('content headers not given are cleared; metadata is replaced', async () => {
    const file = await put('properties/a', 'x');
    await file.setHttpHeaders({ contentType: 'text/csv', contentDisposition: 'inline' });
    await file.setHttpHeaders({ contentType: 'text/plain' });
    await file.setMetadata({ one: '1' });
    await file.setMetadata({ two: '2' });
    const properties = await file.getProperties();
    expect(properties).toMatchObject({ contentType: 'text/plain', metadata: { two: '2' } });
    expect(properties.contentDisposition).toBeUndefined();
  });

  test('access control, of one path and recursively', async () => {
    await put('acl/x/y', 'x');
    const directory = bronze.getDirectoryClient('acl');
    await directory.setPermissions({
      owner: { read: true, write: true, execute: true },
      group: { read: true, write: true, execute: false },
      other: { read: false, write: false, execute: false },
      stickyBit: false,
      extendedAcls: false,
    });
    expect((await directory.getAccessControl()).permissions).toMatchObject({ group: { write: true, execute: false } });
    const grant = {
      accessControlType: 'user' as const,
      entityId: 'someone',
      defaultScope: false,
      permissions: { read: true, write: false, execute: false },
    };
    const result = await directory.updateAccessControlRecursive([grant]);
    expect(result.counters).toEqual({ changedDirectoriesCount: 2, changedFilesCount: 1, failedChangesCount: 0 });
    const { acl, permissions } = await bronze.getFileClient('acl/x/y').getAccessControl();
    expect(acl).toContainEqual(grant);
    expect(permissions?.extendedAcls).toBe(true);
    await directory.removeAccessControlRecursive([
      { accessControlType: 'user', entityId: 'someone', defaultScope: false },
    ]);
    expect((await bronze.getFileClient('acl/x/y').getAccessControl()).acl).not.toContainEqual(grant);
  });

  test('an expiry in the past is answered all the same, and the file is gone', async () => {
    const file = await put('expiry/over', 'x');
    const { createdOn } = await file.getProperties();
    await expect.poll(() => Date.now() - (createdOn?.getTime() ?? 0)).toBeGreaterThan(1000);
    await file.setExpiry('RelativeToCreation', { timeToExpireInMs: 1 });
    expect(await file.exists()).toBe(false);
  });

  test('a file with an expiry ceases to exist', async () => {
    const file = await put('expiry/a', 'x');
    await file.setExpiry('RelativeToNow', { timeToExpireInMs: 60_000 });
    expect((await file.getProperties()).expiresOn?.getTime()).toBeGreaterThan(Date.now());
    await file.setExpiry('RelativeToNow', { timeToExpireInMs: 1 });
    await expect.poll(() => file.exists()).toBe(false);
    expect(existsSync(join(lake.root, 'bronze/expiry/a'))).toBe(false);
  });
});
