import { StorageSharedKeyCredential } from '@azure/storage-blob';
import { expect, test } from 'vitest';
import { storageCredential } from '../../../shared/azure/storage-account.ts';

const accountKey = Buffer.alloc(64, 'k').toString('base64');

test.each([
  ['https://imdblanding.blob.core.windows.net', 'imdblanding'],
  ['https://youflixlake.dfs.core.windows.net/', 'youflixlake'],
  ['http://127.0.0.1:7072/imdblanding', 'imdblanding'],
])('the account of %s is %s', async (url, name) => {
  const credential = await storageCredential({ url, accountKey });
  expect(credential).toBeInstanceOf(StorageSharedKeyCredential);
  expect(credential).toMatchObject({ accountName: name });
});

test('without a key it is the identity that the app runs as', async () => {
  const credential = await storageCredential({ url: 'https://imdblanding.blob.core.windows.net' });
  expect(credential).toHaveProperty('getToken');
});
