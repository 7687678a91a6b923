import { StorageError } from './errors.ts';

/**
 * Names as they travel and as they are kept.
 *
 * Inside the stand-in a path is what follows the file system's name, decoded, without a slash at either end: `a/b c.txt`. The
 * root of a file system is the empty path. A path that passed `decodePath` can be joined to a folder and never leaves it.
 */

/** Longest name of one segment in bytes; file systems on disk allow 255. */
const MAX_SEGMENT_BYTES = 255;
const MAX_PATH_CHARACTERS = 1024;

/**
 * Decodes a percent-encoded path. Slashes at the end are dropped (clients differ), and so is a lone one for the root.
 * @throws StorageError InvalidUri for broken encoding; InvalidResourceName for `.`, `..`, backslash, NUL, an empty segment
 * (which an absolute path has in front) or a name too long
 */
export function decodePath(encoded: string): string {
  const path = decodeText(encoded).replace(/\/+$/, '');
  if (path === '') return '';
  if (path.length > MAX_PATH_CHARACTERS) {
    throw new StorageError(
      'InvalidResourceName',
      `The path has ${path.length} characters, at most ${MAX_PATH_CHARACTERS}.`,
    );
  }
  for (const segment of path.split('/')) checkSegment(segment, path);
  return path;
}

function checkSegment(segment: string, path: string): void {
  const wrong = FORBIDDEN.find(([, isWrong]) => isWrong(segment));
  if (wrong !== undefined) throw new StorageError('InvalidResourceName', `${JSON.stringify(path)} holds ${wrong[0]}.`);
}

const FORBIDDEN: readonly (readonly [what: string, isWrong: (segment: string) => boolean])[] = [
  ['an empty segment', segment => segment === ''],
  ['a segment "." or ".."', segment => segment === '.' || segment === '..'],
  ['a backslash', segment => segment.includes('\\')],
  ['a NUL character', segment => segment.includes('\0')],
  [`a segment longer than ${MAX_SEGMENT_BYTES} bytes`, segment => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES],
];

/**
 * Percent-decodes; a `+` is a plus.
 * @throws StorageError InvalidUri where the result would not be UTF-8
 */
export function decodeText(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new StorageError('InvalidUri', `${JSON.stringify(encoded)} is not percent-encoded UTF-8.`);
  }
}

/** Whether this may be a file system's name: 3 to 63 of a-z, 0-9 and single hyphens, or one of the service's own. */
export function isFileSystemName(name: string): boolean {
  return /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /^\$(root|web|logs)$/.test(name);
}

/** `a/b/c` → `['a/b', 'c']`; `c` → `['', 'c']`. */
export function splitName(path: string): readonly [parent: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

/** Joins a directory's path and a name; the root is the empty path. */
export function joinName(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

/** Whether `path` lies below `directory`, at any depth. Everything but the root lies below the root. */
export function isBelow(path: string, directory: string): boolean {
  return directory === '' ? path !== '' : path.startsWith(`${directory}/`);
}

/** The order of listings: segment by segment, so `a`, `a/b`, `a.txt`. */
export function comparePaths(left: string, right: string): number {
  const [a, b] = [left.split('/'), right.split('/')];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [x = '', y = ''] = [a[at], b[at]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}
