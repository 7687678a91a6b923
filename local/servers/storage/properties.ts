import { accessHeaders } from './access-control.ts';
import { StorageError } from './errors.ts';
import { leaseHeaders } from './leases.ts';
import type { ContentHeaders } from './records.ts';
import { type Call, single } from './request.ts';
import type { Entry } from './tree.ts';

/** Properties of paths as headers: read from requests into records, written from entries into answers. */

/** Content headers of a dfs create or flush (`x-ms-content-type` …); only those given. */
export function dfsContent({ headers }: Call): ContentHeaders {
  return given({
    type: single(headers['x-ms-content-type']),
    encoding: single(headers['x-ms-content-encoding']),
    language: single(headers['x-ms-content-language']),
    disposition: single(headers['x-ms-content-disposition']),
    cacheControl: single(headers['x-ms-cache-control']),
    md5: single(headers['x-ms-content-md5']),
  });
}

/** Content headers of a blob write (`x-ms-blob-content-type` …); only those given. */
export function blobContent({ headers }: Call): ContentHeaders {
  return given({
    type: single(headers['x-ms-blob-content-type']),
    encoding: single(headers['x-ms-blob-content-encoding']),
    language: single(headers['x-ms-blob-content-language']),
    disposition: single(headers['x-ms-blob-content-disposition']),
    cacheControl: single(headers['x-ms-blob-cache-control']),
    md5: single(headers['x-ms-blob-content-md5']),
  });
}

function given(content: { [name in keyof ContentHeaders]: string | undefined }): ContentHeaders {
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
}

/** User metadata from `x-ms-meta-*` headers, the names in the case they were sent in. */
export function metadataOf({ rawHeaders }: Call): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (name.toLowerCase().startsWith('x-ms-meta-')) metadata[name.slice('x-ms-meta-'.length)] = value;
  }
  return metadata;
}

/**
 * User metadata from `x-ms-properties: name=BASE64,…` (values are ISO 8859-1); undefined where the header is missing.
 * @throws StorageError InvalidHeaderValue
 */
export function propertiesOf({ headers }: Call): Record<string, string> | undefined {
  const header = single(headers['x-ms-properties']);
  if (header === undefined) return undefined;
  const properties: Record<string, string> = {};
  for (const pair of header.split(',').map(text => text.trim())) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    const value = Buffer.from(pair.slice(equals + 1), 'base64').toString('latin1');
    // Both come back as a header, so they must be fit to be one.
    if (equals < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new StorageError(
        'InvalidHeaderValue',
        `x-ms-properties should be name=BASE64,…, has ${JSON.stringify(pair)}.`,
      );
    }
    properties[name] = value;
  }
  return properties;
}

/** ETag and Last-Modified, which every answer about an existing path carries. */
export function versionHeaders(entry: Entry): Record<string, string> {
  return { etag: `"${entry.etag}"`, 'last-modified': new Date(entry.modifiedMs).toUTCString() };
}

/** Everything that HEAD and GET say about a path; the union of what the dfs and the Blob side send. */
export function entryHeaders(entry: Entry): Record<string, string | undefined> {
  const { record, isDirectory } = entry;
  const metadata = isDirectory ? { ...record.metadata, hdi_isfolder: 'true' } : record.metadata;
  return {
    ...versionHeaders(entry),
    'accept-ranges': 'bytes',
    'content-type': record.content.type ?? 'application/octet-stream',
    'content-encoding': record.content.encoding,
    'content-language': record.content.language,
    'content-disposition': record.content.disposition,
    'cache-control': record.content.cacheControl,
    'content-md5': record.content.md5,
    'x-ms-resource-type': isDirectory ? 'directory' : 'file',
    'x-ms-blob-type': record.appendedBlocks === undefined ? 'BlockBlob' : 'AppendBlob',
    'x-ms-blob-committed-block-count': record.appendedBlocks?.toString(),
    'x-ms-creation-time': new Date(record.createdMs).toUTCString(),
    'x-ms-expiry-time': record.expiresMs === undefined ? undefined : new Date(record.expiresMs).toUTCString(),
    'x-ms-server-encrypted': 'true',
    'x-ms-access-tier': 'Hot',
    'x-ms-access-tier-inferred': 'true',
    ...copyHeaders(entry),
    ...leaseHeaders(record.lease),
    ...accessHeaders(entry),
    ...metadataHeaders(metadata),
    'x-ms-properties': encodeProperties(metadata),
  };
}

export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]));
}

/** User metadata as the dfs side answers it: `name=BASE64,…`; undefined where there is none. */
export function encodeProperties(metadata: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(metadata).map(
    ([name, value]) => `${name}=${Buffer.from(value, 'latin1').toString('base64')}`,
  );
  return pairs.length === 0 ? undefined : pairs.join(',');
}

function copyHeaders({ record: { copy }, bytes }: Entry): Record<string, string> {
  if (copy === undefined) return {};
  return {
    'x-ms-copy-id': copy.id,
    'x-ms-copy-source': copy.source,
    'x-ms-copy-status': 'success',
    'x-ms-copy-progress': `${bytes}/${bytes}`,
    'x-ms-copy-completion-time': new Date(copy.completedMs).toUTCString(),
  };
}
