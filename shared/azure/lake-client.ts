import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { oneTry, type StorageAccount, storageCredential } from './storage-account.ts';

/** The client of the lake's storage account. */
export async function lakeClient(lake: StorageAccount): Promise<DataLakeServiceClient> {
  return new DataLakeServiceClient(lake.url, await storageCredential(lake), oneTry);
}
