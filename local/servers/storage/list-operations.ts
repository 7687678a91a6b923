import { permissionsOf } from './access-control.ts';
import type { Answer } from './answer.ts';
import { StorageError } from './errors.ts';
import { leaseHeaders } from './leases.ts';
import type { Context } from './operation.ts';
import { comparePaths, decodePath, joinName } from './paths.ts';
import { type Call, wholeNumber } from './request.ts';
import type { Entry, Tree } from './tree.ts';
import { decodeToken, encodeToken, takePage, walk } from './walk.ts';
import { escapeXml, nameElement, textElement, XML_DECLARATION } from './xml.ts';

/** Listings: paths as JSON (dfs), blobs and file systems as XML (Blob). */

const MAX_PAGE = 5000;
const XML = { 'content-type': 'application/xml' };
/** Between 1601 and 1970, in the 100-nanosecond ticks that `creationTime` counts. */
const TICKS_BEFORE_UNIX_TIME = 116_444_736_000_000_000n;

/** Path - List. Source: REST reference, "Path - List". */
export function listPaths({ call, account: { tree } }: Context): Answer {
  tree.requireFileSystem(call.fileSystem);
  const directory = tree.get({ fileSystem: call.fileSystem, path: decodedPath(call.query.get('directory') ?? '') });
  const recursive = call.query.get('recursive') === 'true';
  const beginFrom = call.query.get('beginfrom');
  const from =
    beginFrom === undefined
      ? decodeToken(call.query.get('continuation'))
      : joinName(directory.path, decodedPath(beginFrom));
  const entries = directory.isDirectory ? walk(tree, directory, from, () => recursive) : [directory];
  const page = takePage(entries, pageSize(call, 'maxresults'));
  return {
    status: 200,
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'x-ms-continuation': page.next === undefined ? undefined : encodeToken(page.next),
    },
    text: JSON.stringify({ paths: page.items.map(pathItem) }),
  };
}

function pathItem(entry: Entry): Record<string, string> {
  const { owner = '$superuser', group = '$superuser' } = entry.record.access;
  return {
    name: entry.path,
    ...(entry.isDirectory ? { isDirectory: 'true' } : {}),
    contentLength: String(entry.bytes),
    lastModified: new Date(entry.modifiedMs).toUTCString(),
    etag: entry.etag,
    owner,
    group,
    permissions: permissionsOf(entry),
    creationTime: String(BigInt(Math.floor(entry.record.createdMs)) * 10_000n + TICKS_BEFORE_UNIX_TIME),
  };
}

/**
 * List Blobs, flat or one level deep (`delimiter=/`). As with a hierarchical namespace, directories are listed as well.
 * `startFrom` is the whole path of the first blob wanted, whether there is one or not (service version 2026-02-06).
 */
export function listBlobs({ call, account: { tree } }: Context): Answer {
  tree.requireFileSystem(call.fileSystem);
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter');
  if (delimiter !== undefined && delimiter !== '/') {
    throw new StorageError(
      'InvalidQueryParameterValue',
      `The delimiter can be "/" only, is ${JSON.stringify(delimiter)}.`,
    );
  }
  const marker = call.query.get('marker');
  const from = marker === undefined ? decodedPath(call.query.get('startfrom') ?? '') : decodeToken(marker);
  const page = takePage(
    blobsWithPrefix(tree, call.fileSystem, prefix, delimiter !== undefined, from),
    pageSize(call, 'maxresults'),
  );
  const withMetadata = (call.query.get('include') ?? '').split(',').includes('metadata');
  const items = page.items.map(entry =>
    delimiter !== undefined && entry.isDirectory
      ? `<BlobPrefix>${nameElement(`${entry.path}/`)}</BlobPrefix>`
      : blobElement(entry, withMetadata),
  );
  const text = [
    XML_DECLARATION,
    `<EnumerationResults ContainerName="${escapeXml(call.fileSystem)}">`,
    textElement('Prefix', prefix),
    marker === undefined ? '' : textElement('Marker', marker),
    textElement('MaxResults', pageSize(call, 'maxresults')),
    delimiter === undefined ? '' : textElement('Delimiter', delimiter),
    `<Blobs>${items.join('')}</Blobs>`,
    textElement('NextMarker', page.next === undefined ? undefined : encodeToken(page.next)),
    '</EnumerationResults>',
  ].join('');
  return { status: 200, headers: XML, text };
}

/** Entries whose path starts with the prefix; the walk enters only directories that can hold some. */
function* blobsWithPrefix(
  tree: Tree,
  fileSystem: string,
  prefix: string,
  oneLevel: boolean,
  from: string,
): Generator<Entry> {
  const folder = decodedPath(prefix.slice(0, prefix.lastIndexOf('/') + 1));
  const start = tree.find({ fileSystem, path: folder });
  if (start?.isDirectory !== true) return;
  const enter = (entry: Entry) => !oneLevel && `${entry.path}/`.startsWith(prefix);
  for (const entry of walk(tree, start, from, enter)) {
    if (entry.path.startsWith(prefix) && comparePaths(entry.path, from) >= 0) yield entry;
  }
}

function blobElement(entry: Entry, withMetadata: boolean): string {
  const { record, isDirectory } = entry;
  const lease = leaseHeaders(record.lease);
  const metadata = isDirectory ? { ...record.metadata, hdi_isfolder: 'true' } : record.metadata;
  const properties = [
    textElement('Creation-Time', new Date(record.createdMs).toUTCString()),
    textElement('Last-Modified', new Date(entry.modifiedMs).toUTCString()),
    textElement('Etag', entry.etag),
    textElement('ResourceType', isDirectory ? 'directory' : 'file'),
    textElement('Content-Length', entry.bytes),
    textElement('Content-Type', record.content.type ?? 'application/octet-stream'),
    textElement('Content-Encoding', record.content.encoding),
    textElement('Content-Language', record.content.language),
    textElement('Content-MD5', record.content.md5),
    textElement('Content-Disposition', record.content.disposition),
    textElement('Cache-Control', record.content.cacheControl),
    textElement('BlobType', record.appendedBlocks === undefined ? 'BlockBlob' : 'AppendBlob'),
    textElement('AccessTier', 'Hot'),
    textElement('LeaseStatus', lease['x-ms-lease-status']),
    textElement('LeaseState', lease['x-ms-lease-state']),
    textElement('ServerEncrypted', 'true'),
  ];
  return `<Blob>${nameElement(entry.path)}<Properties>${properties.join('')}</Properties>${
    withMetadata ? metadataElement(metadata) : ''
  }</Blob>`;
}

/** List Containers. */
export function listFileSystems({ call, account: { tree, name } }: Context): Answer {
  const prefix = call.query.get('prefix') ?? '';
  const from = decodeToken(call.query.get('marker'));
  const names = tree.fileSystems().filter(fileSystem => fileSystem.startsWith(prefix) && fileSystem >= from);
  const page = takePage(
    names.map(path => ({ path })),
    pageSize(call, 'maxresults'),
  );
  const withMetadata = (call.query.get('include') ?? '').split(',').includes('metadata');
  const items = page.items.map(({ path }) => {
    const entry = tree.requireFileSystem(path);
    const lease = leaseHeaders(entry.record.lease);
    const properties = [
      textElement('Last-Modified', new Date(entry.modifiedMs).toUTCString()),
      textElement('Etag', entry.etag),
      textElement('LeaseStatus', lease['x-ms-lease-status']),
      textElement('LeaseState', lease['x-ms-lease-state']),
      textElement('HasImmutabilityPolicy', 'false'),
      textElement('HasLegalHold', 'false'),
    ];
    const metadata = withMetadata ? metadataElement(entry.record.metadata) : '';
    return `<Container>${textElement('Name', path)}<Properties>${properties.join('')}</Properties>${metadata}</Container>`;
  });
  const text = [
    XML_DECLARATION,
    `<EnumerationResults ServiceEndpoint="/${escapeXml(name)}/">`,
    textElement('Prefix', prefix),
    textElement('MaxResults', pageSize(call, 'maxresults')),
    `<Containers>${items.join('')}</Containers>`,
    textElement('NextMarker', page.next === undefined ? undefined : encodeToken(page.next)),
    '</EnumerationResults>',
  ].join('');
  return { status: 200, headers: XML, text };
}

function metadataElement(metadata: Readonly<Record<string, string>>): string {
  const entries = Object.entries(metadata).map(([name, value]) => textElement(name, value));
  return `<Metadata>${entries.join('')}</Metadata>`;
}

function pageSize(call: Call, name: string): number {
  const asked = wholeNumber(name, call.query.get(name)) ?? MAX_PAGE;
  if (asked === 0) throw new StorageError('InvalidQueryParameterValue', `${name} should be at least 1.`);
  return Math.min(asked, MAX_PAGE);
}

/** A path from a query value, which is decoded already. */
function decodedPath(path: string): string {
  return decodePath(encodeURIComponent(path.replace(/^\/+/, '')));
}
