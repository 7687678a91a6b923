/** Delivers files to the landing container, as whoever publishes them would. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { LandingAddress } from '../settings.ts';

/** A client of the landing container. */
export function landingContainer({ url, accountName, accountKey, container }: LandingAddress): ContainerClient {
  const credential = new StorageSharedKeyCredential(accountName, accountKey);
  return new BlobServiceClient(url, credential).getContainerClient(container);
}

/** Uploads the files of a folder under their own names, one after the other in order of name, and gives the names. */
export async function uploadLanding(landing: LandingAddress, folder: string): Promise<string[]> {
  const container = landingContainer(landing);
  const names = (await readdir(folder)).sort();
  for (const name of names) {
    const blobContentType = name.endsWith('.zip') ? 'application/zip' : 'application/gzip';
    await container.getBlockBlobClient(name).uploadFile(join(folder, name), { blobHTTPHeaders: { blobContentType } });
  }
  return names;
}
