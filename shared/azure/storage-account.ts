import type { TokenCredential } from '@azure/identity';
import { StorageSharedKeyCredential } from '@azure/storage-blob';
import { managedIdentity } from './managed-identity.ts';

export interface StorageAccount {
  /** `https://NAME.blob.core.windows.net`, or `…dfs…` for the lake; as the local cloud has it, `http://127.0.0.1:PORT/NAME`. */
  readonly url: string;
  /** Without it the app's managed identity is used. */
  readonly accountKey?: string | undefined;
}

/** The retries are ours (../retry.ts), because the SDK's own know neither 429 nor `Retry-After`; two layers would multiply. */
export const oneTry = { retryOptions: { maxTries: 1 } };

/** By managed identity, or by account key where one is set (the local cloud). */
export async function storageCredential({
  url,
  accountKey,
}: StorageAccount): Promise<StorageSharedKeyCredential | TokenCredential> {
  return accountKey === undefined ? managedIdentity() : new StorageSharedKeyCredential(accountName(url), accountKey);
}

function accountName(url: string): string {
  const { hostname, pathname } = new URL(url);
  return pathname.split('/').filter(Boolean)[0] ?? hostname.split('.')[0] ?? '';
}
