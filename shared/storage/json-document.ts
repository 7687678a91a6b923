/** Small JSON documents with optimistic locking: the state files below `control/`. */
import { ConflictError, PermanentError } from '../errors.ts';
import type { LakeStore } from './store.ts';

export interface Document<T> {
  readonly value: T;
  readonly etag: string;
}

/** The document, or undefined where there is none. @throws PermanentError `bad-json` when the file is not JSON */
export async function loadDocument<T>(store: LakeStore, path: string): Promise<Document<T> | undefined> {
  const found = await store.head(path);
  if (found === undefined) return undefined;
  const text = Buffer.from(await store.read(path)).toString('utf8');
  try {
    return { value: JSON.parse(text) as T, etag: found.etag };
  } catch (cause) {
    throw new PermanentError(
      `${path}: expected JSON, got ${text.length} characters that are not; restore or delete the file`,
      {
        code: 'bad-json',
        cause,
      },
    );
  }
}

/** Saves a document; over `previous`, or only where there is none yet. @throws ConflictError when somebody else saved first */
export async function saveDocument<T>(
  store: LakeStore,
  path: string,
  value: T,
  previous: Document<T> | undefined,
): Promise<void> {
  const only = previous === undefined ? ('absent' as const) : { etag: previous.etag };
  await store.write(path, `${JSON.stringify(value, null, 2)}\n`, { only });
}

/**
 * Loads, changes and saves until nobody interferes. `change` returns the new value, or undefined to leave the document alone.
 * Returns the value that stands in the end.
 */
export async function updateDocument<T>(
  store: LakeStore,
  path: string,
  change: (current: T | undefined) => T | undefined,
): Promise<T | undefined> {
  const attempts = 20;
  for (let attempt = 1; ; attempt++) {
    const current = await loadDocument<T>(store, path);
    const next = change(current?.value);
    if (next === undefined) return current?.value;
    try {
      await saveDocument(store, path, next, current);
      return next;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === attempts) throw error;
    }
  }
}
