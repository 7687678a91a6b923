/** A store that is made on its first use, so that an app which only answers HTTP does not wait for a cloud SDK to load. */
import { once } from '../once.ts';
import type { LakeStore } from './store.ts';

export function lazyStore(make: () => Promise<LakeStore>): LakeStore {
  const store = once(make);
  return {
    head: async path => (await store()).head(path),
    read: async (path, range) => (await store()).read(path, range),
    write: async (path, body, condition) => (await store()).write(path, body, condition),
    download: async (path, localFile) => (await store()).download(path, localFile),
    upload: async (localFile, path, condition) => (await store()).upload(localFile, path, condition),
    delete: async path => (await store()).delete(path),
    async *readStream(path) {
      yield* (await store()).readStream(path);
    },
    async *list(folder) {
      yield* (await store()).list(folder);
    },
  };
}
