import { isBelow } from './paths.ts';
import type { PathKey } from './records.ts';
import type { Entry, Tree } from './tree.ts';

/** One page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Path of the first entry of the next page; absent on the last page. */
  readonly next?: string;
}

/**
 * Everything below a directory, depth-first, in the order of `comparePaths`, from `from` (inclusive) on. Lazy: a page of a
 * large tree costs what the page holds.
 * @param enter whether to go into a directory
 */
export function* walk(
  tree: Tree,
  directory: PathKey,
  from: string,
  enter: (entry: Entry) => boolean,
): Generator<Entry> {
  const { path } = directory;
  // The first segment of `from` below this directory; what lies before it is skipped unread.
  const start = isBelow(from, path) ? (from.slice(path === '' ? 0 : path.length + 1).split('/')[0] ?? '') : '';
  for (const entry of tree.children(directory, start)) {
    // A directory on the way to `from` was listed on the page before.
    const isOnTheWay = isBelow(from, entry.path);
    if (!isOnTheWay) yield entry;
    if (entry.isDirectory && enter(entry)) yield* walk(tree, entry, from, enter);
  }
}

/** Cuts a page off a listing. */
export function takePage<T extends { readonly path: string }>(items: Iterable<T>, size: number): Page<T> {
  const page: T[] = [];
  for (const item of items) {
    if (page.length === size) return { items: page, next: item.path };
    page.push(item);
  }
  return { items: page };
}

/** Continuation tokens are opaque to clients and free of characters that need encoding. */
export function encodeToken(path: string): string {
  return Buffer.from(path).toString('base64url');
}

export function decodeToken(token: string | undefined): string {
  return Buffer.from(token ?? '', 'base64url').toString();
}
