import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, type Storage, storage } from './fixture.ts';
import { signed } from './signed-request.ts';

/** Attempts to leave the lake's folder, sent byte for byte over bare sockets and signed, so that only the path check stops them. */
let lake: Storage;
let secret: string;

beforeAll(async () => {
  lake = await storage();
  secret = join(dirname(lake.root), 'secret.txt');
  writeFileSync(secret, 'secret');
  await signed(lake.url, 'PUT', `/${ACCOUNT.name}/bronze/inside.txt?resource=file`);
});
afterAll(() => lake.close());

const escapes = [
  '../../secret.txt',
  'a/../../../secret.txt',
  '%2e%2e/%2e%2e/secret.txt',
  '%2E%2E%2F%2E%2E%2Fsecret.txt',
  '..%2f..%2fsecret.txt',
  '.%2e/.%2e/secret.txt',
  '..\\..\\secret.txt',
  '..%5c..%5csecret.txt',
  'a%00.txt',
  'inside.txt%00.csv',
  './inside.txt',
  '%2fetc%2fpasswd',
  '/etc/passwd',
  'C:\\windows\\win.ini',
  '..',
  '%2e%2e',
  '%c0%ae%c0%ae/secret.txt',
  '%ff',
  '%',
];

describe.each(escapes)('%s', attempt => {
  const path = `/${ACCOUNT.name}/bronze/${attempt}`;

  test('is no path to read, write, rename or remove', async () => {
    const answers = [
      await signed(lake.url, 'GET', path),
      await signed(lake.url, 'HEAD', path),
      await signed(lake.url, 'PUT', `${path}?resource=file`),
      await signed(lake.url, 'PUT', path, { 'x-ms-blob-type': 'BlockBlob' }, 'overwritten'),
      await signed(lake.url, 'PATCH', `${path}?action=append&position=0`, {}, 'overwritten'),
      await signed(lake.url, 'DELETE', `${path}?recursive=true`),
      await signed(lake.url, 'PUT', path, { 'x-ms-rename-source': `/${ACCOUNT.name}/bronze/inside.txt` }),
      await signed(lake.url, 'PUT', path, {
        'x-ms-blob-type': 'BlockBlob',
        'x-ms-copy-source': `${lake.endpoint}/bronze/inside.txt`,
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
    expect(readFileSync(secret, 'utf8')).toBe('secret');
  });

  test('is no source of a rename or copy', async () => {
    const target = `/${ACCOUNT.name}/bronze/stolen.txt`;
    const source = `/${ACCOUNT.name}/bronze/${attempt}`;
    expect((await signed(lake.url, 'PUT', target, { 'x-ms-rename-source': source })).status).toBe(400);
    expect((await signed(lake.url, 'PUT', target, { 'x-ms-copy-source': `${lake.url}${source}` })).status).toBe(400);
    expect(existsSync(join(lake.root, 'bronze/stolen.txt'))).toBe(false);
  });
});

test.each(['..', '%2e%2e', '.storage', '%2estorage', 'UPPER', 'a', 'a_b', 'a--b', '%00'])(
  '%s is no file system',
  async name => {
    expect((await signed(lake.url, 'PUT', `/${ACCOUNT.name}/${name}?restype=container`)).status).toBe(400);
    expect((await signed(lake.url, 'GET', `/${ACCOUNT.name}/${name}/records.db`)).status).toBe(400);
  },
);

test.each(['directory=..%2f..', 'directory=a%2f..%2f..', 'directory=%00', 'directory=..%5c..', 'beginFrom=..%2fx'])(
  'no listing with %s',
  async query => {
    const path = `/${ACCOUNT.name}/bronze?resource=filesystem&recursive=true&${query}`;
    expect((await signed(lake.url, 'GET', path)).status).toBe(400);
  },
);

test('no listing of blobs with a prefix that leaves', async () => {
  const path = `/${ACCOUNT.name}/bronze?restype=container&comp=list&prefix=..%2f..%2f`;
  expect((await signed(lake.url, 'GET', path)).status).toBe(400);
});

test('a name too long for a disk is refused, on every way in', async () => {
  const long = 'x'.repeat(300);
  expect((await signed(lake.url, 'PUT', `/${ACCOUNT.name}/bronze/${long}?resource=file`)).status).toBe(400);
  const deep = Array.from({ length: 300 }, () => 'deep').join('/');
  expect((await signed(lake.url, 'PUT', `/${ACCOUNT.name}/bronze/${deep}?resource=file`)).status).toBe(400);
});

test('names that only look like it are plain names', async () => {
  for (const name of ['..a', 'a..b', '...', '%252e%252e', 'a%252fb']) {
    const path = `/${ACCOUNT.name}/bronze/${name}`;
    expect((await signed(lake.url, 'PUT', `${path}?resource=file`)).status).toBe(201);
    expect(existsSync(join(lake.root, 'bronze', decodeURIComponent(name)))).toBe(true);
  }
});
