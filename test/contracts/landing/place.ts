import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { FaultTable } from '../../../local/faults.ts';
import { blobLanding } from '../../../shared/azure/blob-landing.ts';
import type { Landing, LandingFile } from '../../../shared/sources/imdb/landing.ts';
import { memoryLanding } from '../../unit/sources/imdb/memory-landing.ts';
import { ACCOUNT, collect, storage } from '../storage/fixture.ts';

/** A landing together with what others do to its container. */
export interface Place {
  readonly landing: Landing;
  /** Puts a file there, over one that may be there; gives it as the landing lists it. */
  put(path: string, content: string | Uint8Array): Promise<LandingFile>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface BlobPlace extends Place {
  /** Of the account. */
  readonly url: string;
  readonly container: ContainerClient;
  /** Puts many empty files there at once. */
  fill(names: readonly string[]): void;
  /** Waits that the landing was to make, in milliseconds; it makes none. */
  readonly slept: readonly number[];
}

export async function memoryPlace(): Promise<Place> {
  const landing = memoryLanding();
  return {
    landing,
    put: async (path, content) => landing.put(path, content),
    remove: async path => landing.remove(path),
    close: async () => undefined,
  };
}

/** The landing on Blob storage, over a stand-in of its own that the vendor's client writes to. */
export async function blobPlace(faults = new FaultTable()): Promise<BlobPlace> {
  const account = { name: 'imdblanding', key: ACCOUNT.key };
  const server = await storage({ accounts: [account], fileSystems: ['imdb'], faults });
  const url = `${server.url}/${account.name}`;
  const credential = new StorageSharedKeyCredential(account.name, account.key);
  const container = new BlobServiceClient(url, credential).getContainerClient('imdb');
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
  };
  const landing = await blobLanding({ url, accountKey: account.key, container: 'imdb', effects: { sleep } });
  return {
    landing,
    url,
    container,
    slept,
    fill(names) {
      for (const name of names) writeFileSync(join(server.root, 'imdb', name), '');
    },
    async put(path, content) {
      await container.getBlockBlobClient(path).uploadData(Buffer.from(content));
      const listed = (await collect(landing.list())).find(file => file.path === path);
      if (listed === undefined) throw new Error(`${path} was put and is not listed`);
      return listed;
    },
    remove: async path => void (await container.deleteBlob(path)),
    close: () => server.close(),
  };
}
