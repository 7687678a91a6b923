import type { TokenCredential } from '@azure/identity';
import { DataLakeServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-datalake';
import type { AppConfig } from '../config.ts';

/** The storage account's client: by managed identity, or by account key where one is set (the local cloud). */
export async function lakeClient(lake: AppConfig['lake']): Promise<DataLakeServiceClient> {
  const credential =
    lake.accountKey === undefined
      ? await managedIdentity()
      : new StorageSharedKeyCredential(accountName(lake.url), lake.accountKey);
  // Retries are the store's (lake-store.ts); two layers would multiply.
  return new DataLakeServiceClient(lake.url, credential, { retryOptions: { maxTries: 1 } });
}

/** `https://NAME.dfs.core.windows.net` or, as the local cloud has it, `http://127.0.0.1:PORT/NAME`. */
function accountName(url: string): string {
  const { hostname, pathname } = new URL(url);
  return pathname.split('/').filter(Boolean)[0] ?? hostname.split('.')[0] ?? '';
}

/** Loaded only where it is used: with an account key, as in the local cloud, it would only slow the start. */
async function managedIdentity(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}
