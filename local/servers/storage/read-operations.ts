import fs from 'node:fs';
import type { Answer } from './answer.ts';
import { checkReadConditions } from './conditions.ts';
import { StorageError } from './errors.ts';
import { checkLeaseForRead } from './leases.ts';
import type { Context } from './operation.ts';
import { entryHeaders, versionHeaders } from './properties.ts';
import { type Call, single } from './request.ts';

/** HEAD and GET of a path: one answer for both sides of the service. */

/** Length and properties of a path. */
export function head({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkLeaseForRead(call, entry);
  if (!checkReadConditions(call.headers, entry)) return { status: 304, headers: versionHeaders(entry) };
  return { status: 200, headers: { ...entryHeaders(entry), 'content-length': String(entry.bytes) } };
}

/** The bytes of a file or of one range of it. */
export function read({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkLeaseForRead(call, entry);
  if (!checkReadConditions(call.headers, entry)) return { status: 304, headers: versionHeaders(entry) };
  const headers = { ...entryHeaders(entry), ...responseOverrides(call) };
  const range = rangeOf(call, entry.bytes);
  if (range === undefined && entry.bytes === 0) return { status: 200, headers };
  const { start, end } = range ?? { start: 0, end: entry.bytes };
  const file = { descriptor: fs.openSync(entry.location, 'r'), start, length: end - start };
  if (range === undefined) return { status: 200, headers, file };
  const contentRange = `bytes ${start}-${end - 1}/${entry.bytes}`;
  // The MD5 kept is that of the whole file; a partial answer names it differently, as the service does.
  const { 'content-md5': wholeMd5, ...others } = headers;
  return {
    status: 206,
    headers: { ...others, 'x-ms-blob-content-md5': wholeMd5, 'content-range': contentRange },
    file,
  };
}

/**
 * The one range asked for; undefined for the whole file. `x-ms-range` wins over `Range`; a header of another form is ignored,
 * as RFC 9110 section 14.2 has it.
 * @throws StorageError InvalidRange
 */
function rangeOf({ headers }: Call, bytes: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(single(headers['x-ms-range']) ?? headers.range ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (start < end) return { start, end };
  throw new StorageError('InvalidRange', `${match[0]} of ${bytes} bytes.`, { 'content-range': `bytes */${bytes}` });
}

/** A SAS may say with which headers its file is answered. */
function responseOverrides({ query }: Call): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const [parameter, header] of Object.entries(OVERRIDES)) {
    const value = query.get(parameter);
    if (query.has('sig') && value !== undefined) overrides[header] = value;
  }
  return overrides;
}

const OVERRIDES = {
  rscc: 'cache-control',
  rscd: 'content-disposition',
  rsce: 'content-encoding',
  rscl: 'content-language',
  rsct: 'content-type',
};
