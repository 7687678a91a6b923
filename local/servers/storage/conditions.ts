import type { IncomingHttpHeaders } from 'node:http';
import { StorageError } from './errors.ts';
import { single } from './request.ts';
import type { Entry } from './tree.ts';

/**
 * Conditional headers (RFC 9110 section 13, with the service's own status codes). ETags compare without their quotes; lists
 * and `*` count; dates have a grain of one second.
 */
type Verdict = 'met' | 'not-modified' | 'exists' | 'failed';

/**
 * Checks the `If-*` headers of a read.
 * @returns false when the reader's copy is still good: answer 304
 * @throws StorageError ConditionNotMet
 */
export function checkReadConditions(headers: IncomingHttpHeaders, entry: Entry): boolean {
  const verdict = evaluate(headers, '', entry);
  if (verdict === 'failed') throw notMet(entry, 'ConditionNotMet');
  return verdict === 'met';
}

/**
 * Checks the `If-*` headers of a write against what is there now, if anything.
 * @throws StorageError ConditionNotMet; PathAlreadyExists for `If-None-Match: *`
 */
export function checkWriteConditions(headers: IncomingHttpHeaders, entry: Entry | undefined): void {
  const verdict = evaluate(headers, '', entry);
  if (verdict === 'exists' && entry !== undefined) throw alreadyExists(entry);
  if (verdict !== 'met') throw notMet(entry, 'ConditionNotMet');
}

/**
 * Checks the `x-ms-source-if-*` headers of a rename or copy.
 * @throws StorageError SourceConditionNotMet
 */
export function checkSourceConditions(headers: IncomingHttpHeaders, source: Entry): void {
  if (evaluate(headers, 'x-ms-source-', source) !== 'met') throw notMet(source, 'SourceConditionNotMet');
}

export function alreadyExists(entry: Entry): StorageError {
  return new StorageError('PathAlreadyExists', `Path: ${entry.fileSystem}/${entry.path}.`, {
    'x-ms-existing-resource-type': entry.isDirectory ? 'directory' : 'file',
  });
}

function notMet(entry: Entry | undefined, code: 'ConditionNotMet' | 'SourceConditionNotMet'): StorageError {
  const state =
    entry === undefined ? 'there is nothing at the path' : `${entry.fileSystem}/${entry.path} has ETag "${entry.etag}"`;
  return new StorageError(code, `Now ${state}.`);
}

function evaluate(headers: IncomingHttpHeaders, prefix: string, entry: Entry | undefined): Verdict {
  const value = (name: string) => single(headers[`${prefix}${name}`]);
  const match = value('if-match');
  const noneMatch = value('if-none-match');
  const modifiedSince = dateOf(value('if-modified-since'));
  const unmodifiedSince = dateOf(value('if-unmodified-since'));
  if (match !== undefined && !lists(match, entry)) return 'failed';
  if (noneMatch !== undefined && lists(noneMatch, entry)) return noneMatch.trim() === '*' ? 'exists' : 'not-modified';
  if (entry === undefined) return 'met';
  const modified = Math.floor(entry.modifiedMs / 1000) * 1000;
  if (modifiedSince !== undefined && modified <= modifiedSince) return 'not-modified';
  if (unmodifiedSince !== undefined && modified > unmodifiedSince) return 'failed';
  return 'met';
}

function lists(header: string, entry: Entry | undefined): boolean {
  if (entry === undefined) return false;
  const tags = header.split(',').map(tag => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''));
  return tags.includes('*') || tags.includes(entry.etag);
}

function dateOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const time = Date.parse(value);
  if (!Number.isNaN(time)) return time;
  throw new StorageError('InvalidHeaderValue', `${JSON.stringify(value)} is no HTTP date.`);
}
