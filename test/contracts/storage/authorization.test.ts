import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  DataLakeFileSystemClient,
  DataLakeSASPermissions,
  DataLakeServiceClient,
  DirectorySASPermissions,
  FileSystemSASPermissions,
  generateAccountSASQueryParameters,
  generateDataLakeSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-file-datalake';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localCertificates } from '../../../local/certificates.ts';
import { ACCOUNT, collect, credential, failure, raw, type Storage, storage } from './fixture.ts';
import { signed } from './signed-request.ts';

let lake: Storage;
const retryOptions = { maxTries: 1 };
const inAnHour = () => new Date(Date.now() + 3_600_000);
const denied = { status: 403, code: 'AuthorizationPermissionMismatch' };
const unauthentic = { status: 403, code: 'AuthenticationFailed' };

beforeAll(async () => {
  lake = await storage();
  await lake.service.getFileSystemClient('bronze').getFileClient('dir/sub/a.csv').upload(Buffer.from('hello'));
});
afterAll(() => lake.close());

/** A client that has nothing but the SAS. */
const bearing = (sas: string) =>
  new DataLakeFileSystemClient(`${lake.endpoint}/bronze?${sas}`, undefined, { retryOptions });

describe('shared key', () => {
  test('a wrong key, a wrong account and a changed request are refused', async () => {
    const wrongKey = new StorageSharedKeyCredential(ACCOUNT.name, Buffer.alloc(64, 'z').toString('base64'));
    const service = new DataLakeServiceClient(lake.endpoint, wrongKey, { retryOptions });
    expect(await failure(collect(service.listFileSystems()))).toMatchObject(unauthentic);
    const otherAccount = new StorageSharedKeyCredential('other', ACCOUNT.key);
    const other = new DataLakeServiceClient(lake.endpoint, otherAccount, { retryOptions });
    expect(await failure(other.getFileSystemClient('bronze').create())).toMatchObject(unauthentic);
  });

  test('no credentials: 401 with a challenge the SDKs can read; an unknown scheme likewise', async () => {
    const answer = await raw(lake.url, `GET /${ACCOUNT.name}/bronze/dir/sub/a.csv HTTP/1.1`);
    expect(answer.status).toBe(401);
    expect(answer.headers['x-ms-error-code']).toBe('NoAuthenticationInformation');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer authorization_uri=https:\S+ resource_id=https:\S+$/);
    const basic = await raw(lake.url, `GET /${ACCOUNT.name}/bronze/x HTTP/1.1\r\nAuthorization: Basic eDp5`);
    expect(basic.status).toBe(401);
  });

  test('an account that is not here is a bad address', async () => {
    const answer = await signed(lake.url, 'GET', '/elsewhere/bronze/a');
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(ACCOUNT.name);
  });

  test('query parameters without a value are verified, whether signed or left out', async () => {
    const list = `/${ACCOUNT.name}/?comp=list`;
    expect((await signed(lake.url, 'GET', `${list}&prefix=`)).status).toBe(200);
    expect((await signed(lake.url, 'GET', `${list}&prefix=`, {}, '', list)).status).toBe(200);
    expect((await signed(lake.url, 'GET', `${list}&prefix=a`, {}, '', list)).status).toBe(403);
  });

  test('metadata names that sort differently in different cultures are verified', async () => {
    const file = lake.service.getFileSystemClient('bronze').getFileClient('sorted');
    await file.create();
    const metadata = { a_b: '1', a1: '2', ab: '3', A2: '4', _x: '5' };
    await file.setMetadata(metadata);
    expect(Object.values((await file.getProperties()).metadata ?? {}).sort()).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe('service SAS', () => {
  const values = { fileSystemName: 'bronze', startsOn: new Date(Date.now() - 60_000), expiresOn: inAnHour() };
  const sign = (more: Partial<Parameters<typeof generateDataLakeSASQueryParameters>[0]>) =>
    generateDataLakeSASQueryParameters({ ...values, ...more }, credential).toString();

  test('of a file system: what its permissions say, below it', async () => {
    const fileSystem = bearing(sign({ permissions: FileSystemSASPermissions.parse('rl') }));
    expect((await collect(fileSystem.listPaths({ recursive: true }))).length).toBeGreaterThan(2);
    const file = fileSystem.getFileClient('dir/sub/a.csv');
    expect((await file.readToBuffer()).toString()).toBe('hello');
    expect(await failure(file.setMetadata({}))).toMatchObject(denied);
    expect(await failure(file.delete())).toMatchObject(denied);
    expect(await failure(file.move('dir/b.csv'))).toMatchObject(denied);
  });

  test('of a file: that file alone', async () => {
    const sas = sign({ pathName: 'dir/sub/a.csv', permissions: DataLakeSASPermissions.parse('r') });
    expect((await bearing(sas).getFileClient('dir/sub/a.csv').readToBuffer()).toString()).toBe('hello');
    expect(await failure(bearing(sas).getFileClient('dir/sub/b.csv').readToBuffer())).toMatchObject({ status: 403 });
  });

  test('of a directory: it and what lies below, also to list and to rename within', async () => {
    const permissions = DirectorySASPermissions.parse('racwdlm');
    const sas = sign({ pathName: 'dir', isDirectory: true, directoryDepth: 1, permissions });
    const fileSystem = bearing(sas);
    await fileSystem.getFileClient('dir/new.csv').upload(Buffer.from('new'));
    await fileSystem.getFileClient('dir/new.csv').move('dir/newer.csv');
    expect(await collect(fileSystem.listPaths({ path: 'dir' }))).toHaveLength(2);
    expect(await failure(fileSystem.getFileClient('other/a').create())).toMatchObject({ status: 403 });
    await lake.service.getFileSystemClient('bronze').getFileClient('outside').create();
    const theft = signedBySas(sas, '/bronze/dir/stolen', { 'x-ms-rename-source': '/bronze/outside' });
    expect(await theft).toMatchObject({ status: 403, headers: { 'x-ms-error-code': denied.code } });
  });

  const signedBySas = (sas: string, path: string, headers: Record<string, string>) => {
    const lines = Object.entries({ ...headers, 'content-length': '0' }).map(([name, value]) => `${name}: ${value}`);
    return raw(lake.url, [`PUT /${ACCOUNT.name}${path}?${sas} HTTP/1.1`, ...lines].join('\r\n'));
  };

  test('expired, not yet valid, https only, from elsewhere, tampered with', async () => {
    const permissions = FileSystemSASPermissions.parse('rl');
    const bad = [
      sign({ permissions, expiresOn: new Date(Date.now() - 1000) }),
      sign({ permissions, startsOn: inAnHour() }),
      `${sign({ permissions })}`.replace('sp=rl', 'sp=rwdl'),
      `${sign({ permissions })}&spr=https`,
      sign({ permissions, ipRange: { start: '10.0.0.1', end: '10.0.0.9' } }),
    ];
    for (const sas of bad) {
      expect(await failure(collect(bearing(sas).listPaths()))).toMatchObject(unauthentic);
    }
    const here = sign({ permissions, ipRange: { start: '127.0.0.0', end: '127.0.0.9' } });
    expect(await collect(bearing(here).listPaths())).not.toHaveLength(0);
  });

  test('by a stored policy, until that is withdrawn', async () => {
    const fileSystem = lake.service.getFileSystemClient('bronze');
    const accessPolicy = { permissions: 'rl', startsOn: values.startsOn, expiresOn: inAnHour() };
    await fileSystem.setAccessPolicy(undefined, [{ id: 'readers', accessPolicy }]);
    const sas = generateDataLakeSASQueryParameters(
      { fileSystemName: 'bronze', identifier: 'readers' },
      credential,
    ).toString();
    expect((await bearing(sas).getFileClient('dir/sub/a.csv').readToBuffer()).toString()).toBe('hello');
    expect(await failure(bearing(sas).getFileClient('x').create())).toMatchObject(denied);
    await fileSystem.setAccessPolicy(undefined, []);
    expect(await failure(bearing(sas).getFileClient('dir/sub/a.csv').readToBuffer())).toMatchObject({ status: 403 });
  });

  test('may say how the file is answered', async () => {
    const permissions = DataLakeSASPermissions.parse('r');
    const sas = sign({ pathName: 'dir/sub/a.csv', permissions, contentType: 'text/special' });
    expect((await bearing(sas).getFileClient('dir/sub/a.csv').read()).contentType).toBe('text/special');
  });
});

test('account SAS: services, kinds of resource and permissions', async () => {
  const sign = (resourceTypes: string, permissions: string) =>
    generateAccountSASQueryParameters(
      {
        services: AccountSASServices.parse('b').toString(),
        resourceTypes: AccountSASResourceTypes.parse(resourceTypes).toString(),
        permissions: AccountSASPermissions.parse(permissions),
        expiresOn: inAnHour(),
      },
      credential,
    ).toString();
  const service = (sas: string) => new DataLakeServiceClient(`${lake.endpoint}?${sas}`, undefined, { retryOptions });
  expect(await collect(service(sign('s', 'l')).listFileSystems())).not.toHaveLength(0);
  expect(await failure(collect(service(sign('co', 'l')).listFileSystems()))).toMatchObject(denied);
  const file = (sas: string) => service(sas).getFileSystemClient('bronze').getFileClient('account.csv');
  await file(sign('o', 'cw')).upload(Buffer.from('x'));
  expect(await failure(file(sign('o', 'cw')).readToBuffer())).toMatchObject({ status: 403 });
  expect((await file(sign('o', 'r')).readToBuffer()).toString()).toBe('x');
  await file(sign('o', 'rw')).move('bronze', 'moved.csv');
});

describe('over TLS', () => {
  let secure: Storage;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'certificates-'));
    const tls = await localCertificates(folder);
    setDefaultCACertificates([...getCACertificates(), readFileSync(tls.caFile, 'utf8')]);
    secure = await storage({ tls });
  });
  afterAll(async () => {
    await secure.close();
    rmSync(folder, { recursive: true });
  });

  const token = (claims: object) =>
    [{ alg: 'none' }, claims]
      .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat('sig')
      .join('.');
  const withToken = (text: string) => ({
    getToken: async () => ({ token: text, expiresOnTimestamp: Date.now() + 3_600_000 }),
  });

  test('any well-formed token is let in, an expired or broken one is not', async () => {
    const client = (text: string) => new DataLakeServiceClient(secure.endpoint, withToken(text), { retryOptions });
    await client(token({ sub: 'me' }))
      .getFileSystemClient('bronze')
      .getFileClient('by-token')
      .upload(Buffer.from('x'));
    for (const bad of [token({ exp: 1 }), 'abc', 'a.b.c']) {
      expect((await failure(collect(client(bad).listFileSystems()))).status).toBe(401);
    }
  });

  test('a recursive delete with a token, which asks page by page', async () => {
    const service = new DataLakeServiceClient(secure.endpoint, withToken(token({})), { retryOptions });
    const directory = service.getFileSystemClient('bronze').getDirectoryClient('paged');
    await directory.getFileClient('x').upload(Buffer.from('x'));
    await directory.delete(true);
    expect(await directory.exists()).toBe(false);
  });

  test('a user delegation key signs a SAS for a directory', async () => {
    const service = new DataLakeServiceClient(secure.endpoint, withToken(token({})), { retryOptions });
    await service.getFileSystemClient('bronze').getFileClient('delegated/a').upload(Buffer.from('mine'));
    const key = await service.getUserDelegationKey(new Date(Date.now() - 60_000), inAnHour());
    const sas = generateDataLakeSASQueryParameters(
      {
        fileSystemName: 'bronze',
        pathName: 'delegated',
        isDirectory: true,
        directoryDepth: 1,
        permissions: DirectorySASPermissions.parse('rl'),
        expiresOn: inAnHour(),
      },
      key,
      ACCOUNT.name,
    ).toString();
    const fileSystem = new DataLakeFileSystemClient(`${secure.endpoint}/bronze?${sas}`, undefined, { retryOptions });
    expect((await fileSystem.getFileClient('delegated/a').readToBuffer()).toString()).toBe('mine');
    expect(await failure(fileSystem.getFileClient('delegated/a').delete())).toMatchObject(denied);
    const tampered = sas.replace(/sduoid=[^&]*|skoid=[^&]*/, 'skoid=00000000-0000-0000-0000-000000000009');
    const other = new DataLakeFileSystemClient(`${secure.endpoint}/bronze?${tampered}`, undefined, { retryOptions });
    expect((await failure(other.getFileClient('delegated/a').readToBuffer())).status).toBe(403);
  });
});

test('a token over plain http is refused', async () => {
  const answer = await raw(lake.url, `GET /${ACCOUNT.name}/bronze/x HTTP/1.1\r\nAuthorization: Bearer a.e30.c`);
  expect(answer).toMatchObject({ status: 403, headers: { 'x-ms-error-code': 'AuthenticationFailed' } });
});
