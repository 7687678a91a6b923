import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { StorageError } from './errors.ts';
import { decodePath, decodeText, isFileSystemName } from './paths.ts';
import type { PathKey } from './records.ts';

/** One request, taken apart. */
export interface Call {
  /** The method that counts: PATCH where `X-Http-Method-Override` says so. */
  readonly method: string;
  /** The method on the wire, which signatures cover. */
  readonly wireMethod: string;
  /** The path as received, which signatures cover. */
  readonly rawPath: string;
  /** Keys in lower case, values decoded; a repeated key has its values joined by commas. */
  readonly query: ReadonlyMap<string, string>;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, in their original case. */
  readonly rawHeaders: readonly string[];
  /** Which side of the service was meant; decides error codes, error bodies and a few statuses. */
  readonly side: 'dfs' | 'blob';
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  /** Asked for rarely, so looked up only then. */
  readonly clientAddress: () => string;
  readonly accountName: string;
  /** Empty for a call on the account. */
  readonly fileSystem: string;
  /** Empty for a call on the file system. */
  readonly path: string;
  readonly body: Readable;
}

/** A path named in a header: rename source, copy source. */
export interface PathAddress {
  readonly accountName: string;
  readonly fileSystem: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Takes a request apart. The address is cut by hand because `URL` resolves `..`, which would hide an attack from the checks.
 * @throws StorageError InvalidUri, InvalidResourceName
 */
export function parseRequest(request: IncomingMessage, accountNames: readonly string[], secure: boolean): Call {
  const { rawPath, query } = splitAddress(request.url ?? '/');
  const { headers } = request;
  const wireMethod = request.method ?? 'GET';
  const method = single(headers['x-http-method-override'])?.toUpperCase() ?? wireMethod;
  const renameSource = single(headers['x-ms-rename-source']);
  const address = addressOf(
    rawPath,
    accountNames,
    renameSource === undefined
      ? undefined
      : (first, rest) => {
          // The JavaScript SDK's move() loses the account from the target's address, but not from the source's.
          const source = firstSegment(splitAddress(renameSource).rawPath).first;
          return {
            accountName: accountNames.includes(source) ? source : (accountNames[0] ?? ''),
            fileSystem: first,
            rest,
          };
        },
  );
  return {
    method,
    wireMethod,
    rawPath,
    query,
    headers,
    rawHeaders: request.rawHeaders,
    side: sideOf(method, query, headers),
    secure,
    clientAddress: () => request.socket.remoteAddress ?? '',
    ...address,
    body: request,
  };
}

/**
 * Reads a path from a rename or copy header: `/account/fs/path`, `/fs/path` or a whole URL.
 * @throws StorageError InvalidUri, InvalidResourceName
 */
export function parsePathAddress(value: string, accountNames: readonly string[], ownAccount: string): PathAddress {
  const { rawPath, query } = splitAddress(value);
  const withSlash = rawPath.startsWith('/') ? rawPath : `/${rawPath}`;
  return {
    ...addressOf(withSlash, accountNames, (fileSystem, rest) => ({ accountName: ownAccount, fileSystem, rest })),
    query,
  };
}

function splitAddress(address: string): { rawPath: string; query: Map<string, string> } {
  const relative = address.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = relative.indexOf('?');
  const rawPath = mark < 0 ? relative : relative.slice(0, mark);
  return { rawPath: rawPath === '' ? '/' : rawPath, query: parseQuery(mark < 0 ? '' : relative.slice(mark + 1)) };
}

function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = decodeText(equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? '' : decodeText(pair.slice(equals + 1));
    const before = query.get(key);
    query.set(key, before === undefined ? value : `${before},${value}`);
  }
  return query;
}

interface Address {
  readonly accountName: string;
  readonly fileSystem: string;
  readonly path: string;
}

type WithoutAccount = (first: string, rest: string) => { accountName: string; fileSystem: string; rest: string };

function addressOf(rawPath: string, accountNames: readonly string[], withoutAccount?: WithoutAccount): Address {
  const { first, rest } = firstSegment(rawPath);
  if (accountNames.includes(first)) {
    const { first: fileSystem, rest: path } = firstSegment(rest);
    return checked({ accountName: first, fileSystem, rest: path });
  }
  if (withoutAccount === undefined) {
    const known = accountNames.join(', ');
    throw new StorageError(
      'InvalidUri',
      `No account ${JSON.stringify(first)} here (there is ${known}): use /ACCOUNT/FILESYSTEM/PATH.`,
    );
  }
  return checked(withoutAccount(first, rest));
}

function checked(parts: { accountName: string; fileSystem: string; rest: string }): Address {
  if (parts.fileSystem !== '' && !isFileSystemName(parts.fileSystem)) {
    const name = JSON.stringify(parts.fileSystem);
    throw new StorageError(
      'InvalidResourceName',
      `${name} is no file system name: 3 to 63 of a-z, 0-9 and single hyphens.`,
    );
  }
  const encoded = /^\/+$/.test(parts.rest) ? '' : parts.rest.slice(1);
  return { accountName: parts.accountName, fileSystem: parts.fileSystem, path: decodePath(encoded) };
}

function firstSegment(rawPath: string): { first: string; rest: string } {
  const slash = rawPath.indexOf('/', 1);
  return slash < 0
    ? { first: decodeText(rawPath.slice(1)), rest: '' }
    : { first: decodeText(rawPath.slice(1, slash)), rest: rawPath.slice(slash) };
}

/** Nothing in the address tells the sides apart when both share one host; the shape of the call does. */
function sideOf(method: string, query: ReadonlyMap<string, string>, headers: IncomingHttpHeaders): 'dfs' | 'blob' {
  const resource = query.get('resource') ?? '';
  const isDfs =
    method === 'PATCH' ||
    ['filesystem', 'account', 'file', 'directory'].includes(resource) ||
    ['action', 'mode', 'recursive', 'paginated'].some(key => query.has(key)) ||
    headers['x-ms-rename-source'] !== undefined ||
    (method === 'POST' && !query.has('comp')) ||
    (headers.accept ?? '').includes('json');
  return isDfs ? 'dfs' : 'blob';
}

/** What a call is about: its path, or the directory that a listing names. */
export function subjectOf({ fileSystem, path, query }: Call): PathKey {
  return { fileSystem, path: path === '' ? (query.get('directory') ?? '').replace(/^\/+|\/+$/g, '') : path };
}

/** The one value of a header that may come as a list. An empty one counts as none: the Python SDK sends empty lease ids. */
export function single(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value.join(',') : value;
  return text === '' ? undefined : text;
}

/**
 * A whole number from a query or header value; undefined where there is none.
 * @throws StorageError InvalidQueryParameterValue
 */
export function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new StorageError(
    'InvalidQueryParameterValue',
    `${name} should be a whole number, is ${JSON.stringify(value)}.`,
  );
}
