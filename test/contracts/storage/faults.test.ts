import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataLakeSASPermissions, DataLakeServiceClient } from '@azure/storage-file-datalake';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FaultPhase, FaultTable, type OperationPoint } from '../../../local/faults.ts';
import { ACCOUNT, failure, type Storage, storage } from './fixture.ts';

let lake: Storage;
const faults = new FaultTable();
const service = 'storage';

beforeAll(async () => {
  lake = await storage({ faults, accounts: [ACCOUNT, { name: 'drop', key: ACCOUNT.key, fileSystems: ['imdb'] }] });
});
afterEach(() => faults.clear());
afterAll(() => lake.close());

const fileAt = (path: string) => lake.service.getFileSystemClient('bronze').getFileClient(path);

test('every operation is named, before its effect and after it', async () => {
  const points: OperationPoint[] = [];
  const stop = faults.observe(point => {
    points.push(point);
  });
  const file = fileAt('named/a.csv');
  await file.upload(Buffer.from('hello'));
  await file.move('named/b.csv');
  await fileAt('named/b.csv').getProperties();
  await fileAt('named/b.csv').read();
  for await (const _ of lake.service.getFileSystemClient('bronze').listPaths({ path: 'named' }));
  await fileAt('named/b.csv').delete();
  await failure(fileAt('named/b.csv').delete());
  const drop = new DataLakeServiceClient(`${lake.url}/drop`, lake.service.credential);
  await failure(drop.getFileSystemClient('imdb').getFileClient('x').getProperties());
  stop();
  expect(points.filter(({ phase }) => phase === 'before').map(({ operation }) => operation)).toEqual([
    'CREATE bronze/named/a.csv',
    'APPEND bronze/named/a.csv',
    'FLUSH bronze/named/a.csv',
    'RENAME bronze/named/b.csv',
    'HEAD bronze/named/b.csv',
    'GET bronze/named/b.csv',
    'LIST bronze/named',
    'DELETE bronze/named/b.csv',
    'DELETE bronze/named/b.csv',
    'HEAD drop/imdb/x',
  ]);
  // Nothing was done by the second delete, nor for the account that the key does not belong to.
  expect(points.filter(({ phase }) => phase === 'after')).toHaveLength(8);
});

test.each([
  [429, 'ServerBusy'],
  [503, 'ServerBusy'],
  [500, 'InternalError'],
])('status %i, and the SDK tries again', async (status, code) => {
  const path = `status/${status}`;
  faults.add({ service, operation: `CREATE bronze/${path}`, action: { kind: 'status', status, retryAfterSeconds: 1 } });
  expect(await failure(fileAt(path).create())).toMatchObject({ status, code });
  expect(existsSync(join(lake.root, 'bronze', path))).toBe(false);
  await fileAt(path).create();
});

test('Retry-After is sent', async () => {
  faults.add({ service, operation: 'HEAD *', action: { kind: 'status', status: 503, retryAfterSeconds: 7 } });
  const answer = await fetch(`${lake.endpoint}/bronze/x`, { method: 'HEAD' });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('7');
});

test('delay', async () => {
  await fileAt('delay').create();
  faults.add({ service, operation: 'HEAD bronze/delay', action: { kind: 'delay', ms: 60 } });
  const started = performance.now();
  await fileAt('delay').getProperties();
  expect(performance.now() - started).toBeGreaterThan(55);
});

test.each<[FaultPhase, boolean]>([
  ['before', false],
  ['after', true],
])('reset %s the effect of a create and of a rename', async (phase, isDone) => {
  const [created, source, target] = [`reset/${phase}/a`, `reset/${phase}/b`, `reset/${phase}/c`];
  await fileAt(source).create();
  faults.add({ service, operation: `CREATE bronze/${created}`, phase, action: { kind: 'reset' } });
  faults.add({ service, operation: `RENAME bronze/${target}`, phase, action: { kind: 'reset' } });
  expect((await failure(fileAt(created).create())).code).toBe('ECONNRESET');
  expect((await failure(fileAt(source).move(target))).code).toBe('ECONNRESET');
  expect(existsSync(join(lake.root, 'bronze', created))).toBe(isDone);
  expect(existsSync(join(lake.root, 'bronze', target))).toBe(isDone);
  expect(existsSync(join(lake.root, 'bronze', source))).toBe(!isDone);
});

test('effect done, answered with a status: the client that tries again sees its own work', async () => {
  const action = { kind: 'status', status: 503 } as const;
  faults.add({ service, operation: 'CREATE bronze/done', phase: 'after', action });
  const file = fileAt('done');
  expect(await failure(file.create({ conditions: { ifNoneMatch: '*' } }))).toMatchObject({ status: 503 });
  const again = failure(file.create({ conditions: { ifNoneMatch: '*' } }));
  expect(await again).toMatchObject({ status: 409, code: 'PathAlreadyExists' });
});

test('reset in mid-upload: nothing of the block counts, and a retry brings it whole', async () => {
  const bytes = Buffer.alloc(4 * 1024 * 1024, 'x');
  const file = fileAt('cut/upload');
  await file.create();
  faults.add({ service, operation: 'APPEND bronze/cut/upload', action: { kind: 'reset', afterBytes: 1_500_000 } });
  await failure(file.append(bytes, 0, bytes.length));
  expect(await failure(file.flush(1_500_000))).toMatchObject({ status: 400, code: 'InvalidFlushPosition' });
  await file.append(bytes, 0, bytes.length);
  await file.flush(bytes.length);
  expect((await file.getProperties()).contentLength).toBe(bytes.length);
});

test('reset in mid-download: the bytes so far, then nothing', async () => {
  const bytes = Buffer.alloc(2 * 1024 * 1024, 'y');
  const file = fileAt('cut/download');
  await file.upload(bytes);
  faults.add({ service, operation: 'GET bronze/cut/download', action: { kind: 'reset', afterBytes: 1_000_000 } });
  // A client that neither resumes nor retries, unlike the SDK's.
  const answer = await fetch(await file.generateSasUrl(readForAnHour()));
  expect(answer.headers.get('content-length')).toBe(String(bytes.length));
  let received = 0;
  const read = async () => {
    for await (const chunk of answer.body ?? []) received += (chunk as Uint8Array).length;
  };
  await expect(read()).rejects.toThrow();
  expect(received).toBe(1_000_000);
  // The SDK takes it for an abort of its own and does not resume; the next read is whole.
  faults.add({ service, operation: 'GET bronze/cut/download', action: { kind: 'reset', afterBytes: 500_000 } });
  await expect(file.readToBuffer()).rejects.toThrow('aborted');
  expect((await file.readToBuffer()).equals(bytes)).toBe(true);
});

function readForAnHour() {
  return { permissions: DataLakeSASPermissions.parse('r'), expiresOn: new Date(Date.now() + 3_600_000) };
}
