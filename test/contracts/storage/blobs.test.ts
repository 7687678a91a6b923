import { randomUUID } from 'node:crypto';
import {
  BlobSASPermissions,
  BlobServiceClient,
  type BlockBlobClient,
  type ContainerClient,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, collect, failure, type Storage, storage } from './fixture.ts';

/** The Blob side through the real Blob SDK. */
let lake: Storage;
let container: ContainerClient;

beforeAll(async () => {
  lake = await storage({
    accounts: [ACCOUNT, { name: 'otheraccount', key: ACCOUNT.key, fileSystems: ['imdb'] }],
  });
  container = client(lake.endpoint, ACCOUNT.name).getContainerClient('bronze');
});
afterAll(() => lake.close());

function client(endpoint: string, account: string): BlobServiceClient {
  const credential = new StorageSharedKeyCredential(account, ACCOUNT.key);
  return new BlobServiceClient(endpoint, credential, { retryOptions: { maxTries: 1 } });
}

async function put(name: string, text: string): Promise<BlockBlobClient> {
  const blob = container.getBlockBlobClient(name);
  await blob.upload(text, Buffer.byteLength(text));
  return blob;
}

const textOf = async (blob: { downloadToBuffer(): Promise<Buffer> }) => (await blob.downloadToBuffer()).toString();

describe('whole blobs', () => {
  test('put, read, describe, delete', async () => {
    const blob = container.getBlockBlobClient('put/a b.csv');
    const put = await blob.upload('hello', 5, {
      blobHTTPHeaders: { blobContentType: 'text/csv' },
      metadata: { Kind: 'é'.normalize('NFD').slice(0, 1) },
    });
    const properties = await blob.getProperties();
    expect(properties).toMatchObject({
      contentLength: 5,
      contentType: 'text/csv',
      blobType: 'BlockBlob',
      etag: put.etag,
    });
    expect(properties.metadata).toEqual({ kind: 'e' });
    expect(await textOf(blob)).toBe('hello');
    await blob.delete();
    expect(await blob.exists()).toBe(false);
    expect(await failure(blob.download())).toMatchObject({ status: 404, code: 'BlobNotFound' });
    expect((await blob.deleteIfExists()).succeeded).toBe(false);
  });

  test('put if absent and put over a known version: one writer wins', async () => {
    const blob = await put('cas', '0');
    const absent = { conditions: { ifNoneMatch: '*' } };
    expect(await failure(blob.upload('x', 1, absent))).toMatchObject({ status: 409, code: 'BlobAlreadyExists' });
    const { etag } = await blob.getProperties();
    const attempts = ['1', '2', '3', '4'].map(text => blob.upload(text, 1, { conditions: { ifMatch: etag } }));
    const results = await Promise.allSettled(attempts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a blob marked as a folder is a directory', async () => {
    await container.getBlockBlobClient('folder').upload('', 0, { metadata: { hdi_isfolder: 'true' } });
    const fileSystem = lake.service.getFileSystemClient('bronze');
    expect((await collect(fileSystem.listPaths())).find(({ name }) => name === 'folder')?.isDirectory).toBe(true);
  });

  test('ownership records: metadata first, else an empty blob; a lost race is 412', async () => {
    const blob = container.getBlockBlobClient('host/hub/$default/ownership/0');
    expect(await failure(blob.setMetadata({ ownerid: 'a' }))).toMatchObject({ status: 404, code: 'BlobNotFound' });
    const { etag } = await blob.upload('', 0, { metadata: { ownerid: 'a' } });
    await blob.setMetadata({ ownerid: 'b' }, { conditions: { ifMatch: etag } });
    const lost = blob.setMetadata({ ownerid: 'c' }, { conditions: { ifMatch: etag } });
    expect(await failure(lost)).toMatchObject({ status: 412, code: 'ConditionNotMet' });
    const listed = await collect(
      container.listBlobsFlat({ prefix: 'host/hub/$default/ownership/', includeMetadata: true }),
    );
    expect(listed).toMatchObject([{ name: 'host/hub/$default/ownership/0', metadata: { ownerid: 'b' } }]);
  });
});

describe('blocks', () => {
  const id = (text: string) => Buffer.from(text.padEnd(8)).toString('base64');

  test('a list of them makes the blob, new and old ones', async () => {
    const blob = container.getBlockBlobClient('blocks/a');
    await blob.stageBlock(id('2'), 'world', 5);
    await blob.stageBlock(id('1'), 'hello ', 6);
    expect(await blob.exists()).toBe(false);
    expect((await blob.getBlockList('uncommitted')).uncommittedBlocks).toHaveLength(2);
    await blob.commitBlockList([id('1'), id('2')], { blobHTTPHeaders: { blobContentType: 'text/plain' } });
    expect(await textOf(blob)).toBe('hello world');
    expect(await blob.getProperties()).toMatchObject({ contentType: 'text/plain' });
    await blob.stageBlock(id('3'), 'there', 5);
    await blob.commitBlockList([id('1'), id('3')]);
    expect(await textOf(blob)).toBe('hello there');
    expect((await blob.getBlockList('all')).committedBlocks?.map(({ size }) => size)).toEqual([6, 5]);
    const unknown = blob.commitBlockList([id('9')]);
    expect(await failure(unknown)).toMatchObject({ status: 400, code: 'InvalidBlockList' });
    expect(await textOf(blob)).toBe('hello there');
  });

  test('a large upload in parallel blocks comes out whole', async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, index) => index * 2654435761).buffer);
    const blob = container.getBlockBlobClient('blocks/large');
    await blob.uploadData(bytes, { blockSize: 300_000, concurrency: 4, maxSingleShotSize: 1 });
    expect((await blob.downloadToBuffer(0, undefined, { blockSize: 700_000 })).equals(bytes)).toBe(true);
  });
});

test('append blobs grow block by block, under conditions, from many writers', async () => {
  const blob = container.getAppendBlobClient('append.log');
  expect((await blob.createIfNotExists()).succeeded).toBe(true);
  expect((await blob.createIfNotExists()).succeeded).toBe(false);
  await blob.appendBlock('first;', 6, { conditions: { appendPosition: 0 } });
  const late = blob.appendBlock('x', 1, { conditions: { appendPosition: 0 } });
  expect(await failure(late)).toMatchObject({ status: 412, code: 'AppendPositionConditionNotMet' });
  const tooLarge = blob.appendBlock('x', 1, { conditions: { maxSize: 6 } });
  expect(await failure(tooLarge)).toMatchObject({ status: 412, code: 'MaxBlobSizeConditionNotMet' });
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(letter => blob.appendBlock(letter.repeat(1000), 1000)));
  const text = await textOf(blob);
  expect(text).toHaveLength(5006);
  expect(
    text
      .replace(/(.)\1{999}/g, '$1')
      .slice(6)
      .split('')
      .sort()
      .join(''),
  ).toBe('abcde');
  expect(await blob.getProperties()).toMatchObject({ blobType: 'AppendBlob', blobCommittedBlockCount: 6 });
  const plain = await put('not-append', 'x');
  expect(await failure(container.getAppendBlobClient(plain.name).appendBlock('x', 1))).toMatchObject({
    code: 'InvalidBlobType',
  });
});

describe('copy', () => {
  test('within the account, keeping or replacing the metadata', async () => {
    const source = container.getBlockBlobClient('copy/source');
    await source.upload('hello', 5, { metadata: { a: '1' }, blobHTTPHeaders: { blobContentType: 'text/csv' } });
    const target = container.getBlockBlobClient('copy/new/target');
    const done = await (await target.beginCopyFromURL(source.url)).pollUntilDone();
    expect(done.copyStatus).toBe('success');
    expect(await textOf(target)).toBe('hello');
    expect(await target.getProperties()).toMatchObject({
      metadata: { a: '1' },
      contentType: 'text/csv',
      copyStatus: 'success',
    });
    await target.syncCopyFromURL(source.url, { metadata: { b: '2' } });
    expect((await target.getProperties()).metadata).toEqual({ b: '2' });
    const missing = target.beginCopyFromURL(`${source.url}-none`);
    expect(await failure(missing)).toMatchObject({ status: 404, code: 'CannotVerifyCopySource' });
    expect(await failure(target.beginCopyFromURL('http://192.0.2.1/acc/x/y'))).toMatchObject({
      code: 'CannotVerifyCopySource',
    });
  });

  test('from another account with a SAS alone', async () => {
    const drop = client(`${lake.url}/otheraccount`, 'otheraccount').getContainerClient('imdb');
    const source = drop.getBlockBlobClient(randomUUID());
    await source.upload('dropped', 7);
    const target = container.getBlockBlobClient('copy/from-drop');
    expect(await failure(target.syncCopyFromURL(source.url))).toMatchObject({ status: 404 });
    const permissions = BlobSASPermissions.parse('r');
    const url = await source.generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 60_000) });
    await target.syncCopyFromURL(url);
    expect(await textOf(target)).toBe('dropped');
  });
});

describe('listing', () => {
  test('flat and by level, with prefix, in pages', async () => {
    for (const name of ['list/a/1', 'list/a/2', 'list/b', 'list/ab']) await put(name, name);
    const flat = await collect(container.listBlobsFlat({ prefix: 'list/', includeMetadata: true }));
    expect(flat.map(({ name }) => name)).toEqual(['list/a', 'list/a/1', 'list/a/2', 'list/ab', 'list/b']);
    expect(flat[0]).toMatchObject({ properties: { contentLength: 0 }, metadata: { hdi_isfolder: 'true' } });
    const level = await collect(container.listBlobsByHierarchy('/', { prefix: 'list/a' }));
    expect(level.map(({ kind, name }) => [kind, name])).toEqual([
      ['prefix', 'list/a/'],
      ['blob', 'list/ab'],
    ]);
    const pages = await collect(container.listBlobsFlat({ prefix: 'list/' }).byPage({ maxPageSize: 2 }));
    expect(pages.flatMap(page => page.segment.blobItems.map(({ name }) => name))).toEqual(flat.map(({ name }) => name));
    expect(await collect(container.listBlobsFlat({ prefix: 'nothing/' }))).toEqual([]);
    const namesFrom = async (startFrom: string): Promise<string[]> =>
      (await collect(container.listBlobsFlat({ prefix: 'list/', startFrom }))).map(({ name }) => name);
    expect(await namesFrom('list/a/1')).toEqual(['list/a/1', 'list/a/2', 'list/ab', 'list/b']);
    expect(await namesFrom('list/a/1x')).toEqual(['list/a/2', 'list/ab', 'list/b']);
    expect(await namesFrom('')).toEqual(flat.map(({ name }) => name));
    expect(await namesFrom('zoo')).toEqual([]);
  });

  test('names that XML cannot hold', async () => {
    for (const name of ['xml/\u0001', 'xml/<&>"\'', 'xml/\r\n']) await put(name, 'x');
    const names = (await collect(container.listBlobsFlat({ prefix: 'xml/' }))).map(({ name }) => name);
    expect(names).toEqual(['xml/\u0001', 'xml/\r\n', 'xml/<&>"\'']);
  });
});

test('what is not offered is answered 501, naming the call', async () => {
  const blob = await put('unknown', 'x');
  expect(await failure(blob.createSnapshot())).toMatchObject({ status: 501, code: 'NotImplemented' });
  const { message, ...rest } = await failure(container.getPageBlobClient('pages').create(512));
  expect(rest).toMatchObject({ status: 501, code: 'NotImplemented' });
  expect(message).toContain('Page blobs');
  expect((await failure(client(lake.endpoint, ACCOUNT.name).getProperties())).message).toContain('comp=properties');
});

test('who asks is told about the account', async () => {
  expect(await container.getAccountInfo()).toMatchObject({ accountKind: 'StorageV2' });
});
