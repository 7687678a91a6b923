import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ACCOUNT, collect, credential, failure, storage } from './fixture.ts';

/** What was acknowledged is there after kill -9 and a new start; what was not is whole or absent. */
let root: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  root = join(mkdtempSync(join(tmpdir(), 'storage-')), 'lake');
});
afterAll(() => rmSync(join(root, '..'), { recursive: true }));
beforeEach(() => () => kill());

async function start(): Promise<string> {
  const script = join(import.meta.dirname, 'serve-until-killed.ts');
  child = spawn(process.execPath, [script, root, JSON.stringify(ACCOUNT)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(child.stdout ?? process.stdin, 'data')) as [Buffer];
  return `${url.toString().trim()}/${ACCOUNT.name}`;
}

async function kill(): Promise<void> {
  if (child === undefined || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const bronze = (endpoint: string) =>
  new DataLakeServiceClient(endpoint, credential, { retryOptions: { maxTries: 1 } }).getFileSystemClient('bronze');

test('properties, leases, appended bytes and staged blocks outlive a kill', async () => {
  const first = await start();
  const file = bronze(first).getFileClient('dir/kept.csv');
  await file.upload(Buffer.from('kept'), { metadata: { Some: 'value' }, pathHttpHeaders: { contentType: 'text/csv' } });
  const lease = file.getDataLakeLeaseClient();
  await lease.acquireLease(60);
  const before = await file.getProperties();
  const growing = bronze(first).getFileClient('dir/growing.csv');
  await growing.create();
  await growing.append('world', 6, 5);
  await growing.append('hello ', 0, 6);
  const blobs = (endpoint: string) =>
    new BlobServiceClient(endpoint, new StorageSharedKeyCredential(ACCOUNT.name, ACCOUNT.key)).getContainerClient(
      'bronze',
    );
  await blobs(first).getBlockBlobClient('blocks').stageBlock('AAAA', 'block', 5);
  await kill();
  // What a kill leaves between the two halves of a first flush: the empty file gone, the staged bytes not yet in its place.
  rmSync(join(root, 'bronze/dir/growing.csv'));

  const second = await start();
  const after = await bronze(second).getFileClient('dir/kept.csv').getProperties();
  for (const name of ['etag', 'lastModified', 'metadata', 'contentType', 'leaseState', 'createdOn'] as const) {
    expect(after[name]).toEqual(before[name]);
  }
  expect(await failure(bronze(second).getFileClient('dir/kept.csv').delete())).toMatchObject({
    code: 'LeaseIdMissing',
  });
  const grown = bronze(second).getFileClient('dir/growing.csv');
  expect((await grown.getProperties()).contentLength).toBe(0);
  await grown.flush(11);
  expect((await grown.readToBuffer()).toString()).toBe('hello world');
  await blobs(second).getBlockBlobClient('blocks').commitBlockList(['AAAA']);
  expect((await blobs(second).getBlockBlobClient('blocks').downloadToBuffer()).toString()).toBe('block');
});

test('killed at any moment of many uploads: acknowledged files are whole, no file is in part', {
  timeout: 60_000,
}, async () => {
  const text = 'row after row\n'.repeat(20_000);
  const acknowledged = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const endpoint = await start();
    const fileSystem = bronze(endpoint);
    const writer = async (writerId: number) => {
      for (let at = 0; ; at += 1) {
        const path = `kill/${round}-${writerId}-${at}`;
        await fileSystem.getFileClient(`${path}.tmp`).upload(Buffer.from(text));
        await fileSystem.getFileClient(`${path}.tmp`).move(path);
        acknowledged.add(path);
      }
    };
    const writers = [1, 2, 3].map(id => writer(id).catch(() => {}));
    await new Promise(resolve => setTimeout(resolve, 150 + 70 * round));
    await kill();
    await Promise.all(writers);
  }
  const endpoint = await start();
  const listed = await collect(bronze(endpoint).listPaths({ path: 'kill' }));
  const sizes = new Map(listed.map(({ name = '', contentLength }) => [name, contentLength]));
  expect(acknowledged.size).toBeGreaterThan(10);
  for (const path of acknowledged) expect(sizes.get(path)).toBe(text.length);
  for (const [name, size] of sizes) {
    expect(name.endsWith('.tmp') ? [0, text.length] : [text.length]).toContain(size);
    if (size !== 0) expect(readFileSync(join(root, 'bronze', name), 'utf8')).toBe(text);
  }
});

test('leftovers in the hidden folder are cleared away; a second server on the same folder is refused', async () => {
  await start();
  await kill();
  writeFileSync(join(root, '.storage/staging/leftover'), 'x');
  writeFileSync(join(root, '.storage/blocks/leftover'), 'x');
  const lake = await storage({ root });
  expect(readdirSync(join(root, '.storage/staging'))).not.toContain('leftover');
  expect(readdirSync(join(root, '.storage/blocks'))).not.toContain('leftover');
  await expect(storage({ root })).rejects.toThrow(/another copy/);
  await lake.close();
});
