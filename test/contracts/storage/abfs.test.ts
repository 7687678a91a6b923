import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCOUNT, type Storage, storage } from './fixture.ts';
import { signed } from './signed-request.ts';

/** The calls that Hadoop's ABFS driver and the Python SDK make and the JavaScript SDK does not, replayed and signed by hand. */
let lake: Storage;
const root = `/${ACCOUNT.name}/bronze`;

beforeAll(async () => {
  lake = await storage();
});
afterAll(() => lake.close());

const call = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
  signed(lake.url, method, path, { accept: 'application/json, application/octet-stream', ...headers }, body);
const patch = { 'x-http-method-override': 'PATCH' };

test('probes for a hierarchical namespace at the root with a double slash', async () => {
  const answer = await call('HEAD', `${root}//?upn=false&action=getAccessControl&timeout=90`);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'x-ms-permissions': 'rwxr-x---',
    'x-ms-acl': expect.stringContaining('user::'),
  });
});

test('makes and describes a file system on the dfs side', async () => {
  const path = `/${ACCOUNT.name}/made?resource=filesystem&timeout=90`;
  expect((await call('PUT', path)).status).toBe(201);
  const again = await call('PUT', path);
  expect(again).toMatchObject({ status: 409, headers: { 'x-ms-error-code': 'FilesystemAlreadyExists' } });
  expect(JSON.parse(again.body)).toMatchObject({ error: { code: 'FilesystemAlreadyExists' } });
  expect((await call('PUT', path, { ...patch, 'x-ms-properties': 'a=Yg==' })).status).toBe(200);
  expect((await call('HEAD', path)).headers).toMatchObject({
    'x-ms-properties': 'a=Yg==',
    'x-ms-namespace-enabled': 'true',
  });
  expect((await call('DELETE', path)).status).toBe(202);
  expect((await call('HEAD', path)).status).toBe(404);
});

test('writes: create, append and flush through PUT with a method override, read with If-Match', async () => {
  const file = `${root}/part-0.parquet`;
  const created = await call('PUT', `${file}?resource=file&timeout=90`, { 'if-none-match': '*' });
  expect(created.status).toBe(201);
  const expectContinue = { ...patch, expect: '100-continue', 'content-type': 'application/octet-stream' };
  const appended = await call('PUT', `${file}?action=append&position=0&timeout=90`, expectContinue, 'abc');
  // The interim answer comes first on the wire.
  expect([100, 202]).toContain(appended.status);
  const close = 'action=append&position=3&flush=true&close=true';
  expect((await call('PUT', `${file}?${close}`, patch, 'def')).status).toBe(202);
  const status = await call('HEAD', `${file}?action=getStatus&upn=false`);
  expect(status.headers).toMatchObject({ 'content-length': '6', 'x-ms-resource-type': 'file' });
  const etag = String(status.headers['etag']);
  const read = await call('GET', file, { range: 'bytes=2-3', 'if-match': etag });
  expect(read).toMatchObject({ status: 206, body: 'cd', headers: { 'content-range': 'bytes 2-3/6' } });
  expect((await call('GET', file, { range: 'bytes=2-3', 'if-match': created.headers['etag'] ?? '' })).status).toBe(412);
});

test('mkdir on what is there tells its kind; properties are set by PATCH', async () => {
  const directory = `${root}/warehouse`;
  expect((await call('PUT', `${directory}?resource=directory`)).status).toBe(201);
  const again = await call('PUT', `${directory}?resource=directory`, { 'if-none-match': '*' });
  expect(again).toMatchObject({
    status: 409,
    headers: { 'x-ms-error-code': 'PathAlreadyExists', 'x-ms-existing-resource-type': 'directory' },
  });
  const value = Buffer.from('wert ü', 'latin1').toString('base64');
  expect(
    (await call('PUT', `${directory}?action=setProperties`, { ...patch, 'x-ms-properties': `k=${value}` })).status,
  ).toBe(200);
  expect((await call('HEAD', directory)).headers['x-ms-properties']).toContain(`k=${value}`);
  expect((await call('PUT', directory, { ...patch, 'x-ms-properties': 'k' })).status).toBe(501);
  const broken = await call('PUT', `${directory}?action=setProperties`, { ...patch, 'x-ms-properties': 'k' });
  expect(broken.status).toBe(400);
});

test('renames without the account in the source and without a mode', async () => {
  await call('PUT', `${root}/old%20name?resource=file`);
  // Python sends empty lease ids along.
  const moved = await call('PUT', `${root}/new`, {
    'x-ms-rename-source': '/bronze/old%20name',
    'x-ms-source-lease-id': '',
    'if-none-match': '*',
  });
  expect(moved.status).toBe(201);
  expect((await call('HEAD', `${root}/old%20name`)).status).toBe(404);
});

test('leases by POST, and ends them', async () => {
  await call('PUT', `${root}/leased?resource=file`);
  const acquired = await call('POST', `${root}/leased`, {
    'x-ms-lease-action': 'acquire',
    'x-ms-lease-duration': '60',
  });
  expect(acquired.status).toBe(201);
  const id = String(acquired.headers['x-ms-lease-id']);
  expect((await call('DELETE', `${root}/leased?recursive=true`)).status).toBe(412);
  expect((await call('POST', `${root}/leased`, { 'x-ms-lease-action': 'release', 'x-ms-lease-id': id })).status).toBe(
    200,
  );
  expect((await call('DELETE', `${root}/leased?recursive=true&paginated=true`)).status).toBe(200);
});

test('a first ranged read of an empty file is answered 416, of a short one with its total', async () => {
  await call('PUT', `${root}/empty?resource=file`);
  const range = { 'x-ms-range': 'bytes=0-33554431' };
  expect(await call('GET', `${root}/empty`, range)).toMatchObject({
    status: 416,
    headers: { 'content-range': 'bytes */0' },
  });
  await signed(lake.url, 'PUT', `${root}/short`, { 'x-ms-blob-type': 'BlockBlob' }, 'short');
  expect((await call('GET', `${root}/short`, range)).headers['content-range']).toBe('bytes 0-4/5');
});

test('bad input is never answered 500', async () => {
  const answers = [
    await call('PATCH', `${root}/x?action=append&position=-1`, {}, 'x'),
    await call('PATCH', `${root}?resource=filesystem`, { 'x-ms-properties': 'ä' }),
    await call('PATCH', `${root}/x`),
    await call('PUT', `${root}/x?comp=block&blockid=%00`, {}, 'x'),
    await call('PUT', `${root}/x?comp=blocklist`, {}, '<nonsense'),
    await call('PUT', `${root}/x?comp=nonsense`),
    await call('PUT', `${root}/x`, { 'x-ms-blob-type': 'Nonsense' }, 'x'),
    await call('POST', `/${ACCOUNT.name}/?restype=service&comp=userdelegationkey`, {}, '<KeyInfo/>'),
    await call('GET', `${root}/x`, { 'if-modified-since': 'yesterday' }),
    await call('PUT', `${root}/y?resource=file`, { 'x-ms-acl': 'everyone' }),
    await call('PUT', `${root}/y?resource=file`, { 'x-ms-permissions': 'all' }),
    await call('PUT', `${root}/y`, { 'x-ms-rename-source': '' }),
    await call('PUT', `${root}/y`, { 'x-ms-copy-source': 'nonsense' }),
    await call('OPTIONS', `${root}/y`),
    await call('GET', `${root}?restype=container&comp=list&maxresults=0`),
  ];
  for (const { status } of answers) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).not.toBe(500);
  }
});
