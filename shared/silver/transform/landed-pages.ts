/** The pages of a landed list, brought near and proved to be what the event spoke of. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bronzeManifestPath, bronzePagePath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { PermanentError, TransientError } from '../../errors.ts';
import type { LandedList } from '../../sources/tmdb/landed-list.ts';
import { loadDocument } from '../../storage/json-document.ts';
import type { LakeStore } from '../../storage/store.ts';
import type { LocalPage } from './page-items.ts';

/** A landing as its event names it. */
export interface Landing {
  readonly list: string;
  /** yyyy-MM-dd. */
  readonly date: string;
  /** In bronze. */
  readonly folder: string;
  readonly runId: string;
  /** SHA-256 in hex over the bytes of all pages in order. */
  readonly contentHash: string;
  /** ISO 8601, UTC. */
  readonly landedAt: string;
}

/** How long an event may be ahead of the files it speaks of. */
const patienceMs = 60 * 60 * 1000;

/** Pages under way at once: each is small, and most of its time is waiting. */
const pagesAtOnce = 8;

/**
 * Local copies of the pages that fit, in their order. `scratch` exists, and is the caller's to remove.
 * @throws TransientError `not-visible` when the manifest is not there yet
 * @throws PermanentError `landing-gone` when it still is not an hour after the landing, or pages of it are not;
 * `landing-changed` when the manifest or the bytes are not those of the event
 */
export async function fetchLandedPages(
  landing: Landing,
  { store, scratch, clock }: Pick<DeltaEngine, 'store' | 'scratch' | 'clock'>,
): Promise<readonly LocalPage[]> {
  const manifest = await manifestOf(landing, { store, clock });
  const rejected = new Set(manifest.rejected.map(({ page }) => page));
  const pages = Array.from({ length: manifest.pages }, (_, index) => index + 1);
  const local: LocalPage[] = [];
  const hash = createHash('sha256');
  for (let start = 0; start < pages.length; start += pagesAtOnce) {
    const some = pages.slice(start, start + pagesAtOnce);
    const bodies = await Promise.all(some.map(page => readPage(landing, page, store)));
    for (const [index, body] of bodies.entries()) {
      const page = start + index + 1;
      hash.update(body);
      if (rejected.has(page)) continue;
      const path = join(scratch, `page-${page}.json`);
      await writeFile(path, body);
      local.push({ page, path });
    }
  }
  const found = hash.digest('hex');
  if (found === landing.contentHash) return local;
  throw new PermanentError(
    `${landing.folder}: expected ${manifest.pages} pages with SHA-256 ${landing.contentHash}, got ${found}; bronze is immutable, so find out who wrote there, then ingest the list again`,
    { code: 'landing-changed' },
  );
}

async function manifestOf(
  landing: Landing,
  { store, clock }: Pick<DeltaEngine, 'store' | 'clock'>,
): Promise<LandedList> {
  const path = bronzeManifestPath(landing.folder);
  const found = await loadDocument<LandedList>(store, path);
  if (found === undefined) {
    if (clock.now() - Date.parse(landing.landedAt) > patienceMs) throw gone(path, landing);
    const expected = `expected the manifest of a list that landed at ${landing.landedAt}`;
    throw new TransientError(`${path}: ${expected}, found no file`, { code: 'not-visible' });
  }
  const identity = ['list', 'date', 'folder', 'runId', 'landedAt', 'contentHash'] as const;
  const different = identity.filter(name => found.value[name] !== landing[name]);
  if (different.length > 0) {
    const values = different.map(name => `${name} ${landing[name]} (manifest: ${found.value[name]})`);
    throw new PermanentError(
      `${path}: expected the landing of the event, with ${values.join(', ')}; bronze is immutable, so find out who wrote there, then ingest the list again`,
      { code: 'landing-changed' },
    );
  }
  return found.value;
}

async function readPage(landing: Landing, page: number, store: LakeStore): Promise<Uint8Array> {
  const path = bronzePagePath(landing.folder, page);
  try {
    return await store.read(path);
  } catch (error) {
    if (error instanceof PermanentError && error.code === 'not-found') throw gone(path, landing, error);
    throw error;
  }
}

function gone(path: string, { list, date, landedAt }: Landing, cause?: unknown): PermanentError {
  return new PermanentError(
    `${path}: expected a file of the list ${list} of ${date}, landed at ${landedAt}, found none; silver was left as it is: find out who removed it, then ingest the list again`,
    { code: 'landing-gone', cause },
  );
}
