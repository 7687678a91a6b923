/** The folder of one run and one list in bronze: pages as they came, and in the end the manifest. */
import {
  bronzeListFolder,
  bronzeManifestPath,
  bronzePagePath,
  quarantineListPath,
  type RunStamp,
} from '../../catalog/lake-paths.ts';
import { ConflictError, PermanentError } from '../../errors.ts';
import { loadDocument, saveDocument } from '../../storage/json-document.ts';
import type { LakeStore } from '../../storage/store.ts';
import type { LandedList } from './landed-list.ts';

export interface BronzeLanding {
  readonly folder: string;
  /** The receipt, when the run has landed the list before. */
  readonly landed: LandedList | undefined;
  /**
   * The bytes of a page. They are in bronze when this returns, and stay what they are: what an earlier attempt of the run has put
   * there is not fetched again, and of two attempts at once both get the bytes of the first.
   */
  take(page: number, fetch: () => Promise<Uint8Array>): Promise<Uint8Array>;
  /**
   * Reports rejected pages in quarantine, then writes the manifest, which makes the pages a landing.
   * @throws PermanentError `no-page-fits`, without a manifest: an answer that says nothing must not become an empty list
   */
  close(landed: LandedList): Promise<LandedList>;
}

export async function openLanding(store: LakeStore, name: string, run: RunStamp): Promise<BronzeLanding> {
  const folder = bronzeListFolder(name, run);
  const manifestPath = bronzeManifestPath(folder);
  const isThere = new Set<string>();
  for await (const { path } of store.list(folder)) isThere.add(path);
  const manifest = isThere.has(manifestPath) ? await loadDocument<LandedList>(store, manifestPath) : undefined;

  return {
    folder,
    landed: manifest?.value,
    async take(page, fetch) {
      const path = bronzePagePath(folder, page);
      if (isThere.has(path)) return store.read(path);
      const bytes = await fetch();
      const isOurs = await happens(store.write(path, bytes, { only: 'absent' }));
      return isOurs ? bytes : store.read(path);
    },
    async close(landed) {
      const { rejected, pages, rows, runId } = landed;
      if (rejected.length > 0) {
        const path = quarantineListPath(folder);
        const report = { list: name, date: landed.date, runId, folder, rejected };
        await store.write(path, `${JSON.stringify(report, null, 2)}\n`);
        if (rows === 0) {
          const [first] = rejected;
          throw new PermanentError(
            `tmdb ${name}: none of ${pages} page(s) fits; the first: ${first?.reasons[0]}; all reasons are in ${path}, the bytes in ${folder}`,
            { code: 'no-page-fits' },
          );
        }
      }
      const isOurs = await happens(saveDocument(store, manifestPath, landed, undefined));
      return isOurs ? landed : ((await loadDocument<LandedList>(store, manifestPath))?.value ?? landed);
    },
  };
}

/** Whether a conditional write was done; false when somebody else was first. */
async function happens(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
