import { createHmac } from 'node:crypto';
import type { Account } from './account.ts';
import type { Grant } from './authorization.ts';
import { StorageError } from './errors.ts';
import { isBelow } from './paths.ts';
import type { PathKey } from './records.ts';
import { type Call, single, subjectOf } from './request.ts';
import { sameSignature, sign } from './shared-key.ts';
import { readElements } from './xml.ts';

/**
 * Shared access signatures: account, service and user delegation, versions 2020-12-06 and later.
 * Source: REST reference, "Create an account SAS", "Create a service SAS", "Create a user delegation SAS".
 */
const OLDEST_VERSION = '2020-12-06';

/** @throws StorageError AuthenticationFailed */
export function authorizeSas(call: Call, account: Account): Grant {
  const { query } = call;
  const version = query.get('sv') ?? '';
  if (version < OLDEST_VERSION) {
    throw failed(`sv is ${JSON.stringify(version)}, supported from ${OLDEST_VERSION} on.`);
  }
  const isAccountSas = query.has('ss');
  const policy = query.has('si') ? storedPolicy(call, account, query.get('si') ?? '') : new Map<string, string>();
  checkTimes(query.get('st') ?? policy.get('Start'), query.get('se') ?? policy.get('Expiry'));
  checkConnection(call);
  const key = query.has('skoid') ? delegationKey(account) : account.key;
  const text = isAccountSas
    ? accountText(query, account.name)
    : query.has('skoid')
      ? delegationText(call)
      : serviceText(call);
  if (!sameSignature(query.get('sig') ?? '', sign(key, text))) {
    throw failed(`The signature is not the account's. The server signs ${JSON.stringify(text)}.`);
  }
  const granted = query.get('sp') ?? policy.get('Permission') ?? '';
  return isAccountSas ? accountGrant(granted, query) : serviceGrant(granted, call);
}

/** The key that signs user delegation SAS; the same for every user, derived so that it survives a restart. */
export function delegationKey(account: Account): Buffer {
  return createHmac('sha256', account.key).update('user delegation').digest();
}

function accountText(query: Call['query'], accountName: string): string {
  const fields = ['sp', 'ss', 'srt', 'st', 'se', 'sip', 'spr', 'sv', 'ses'].map(name => query.get(name) ?? '');
  return `${[accountName, ...fields].join('\n')}\n`;
}

const RESPONSE_HEADERS = ['rscc', 'rscd', 'rsce', 'rscl', 'rsct'];

function serviceText(call: Call): string {
  const value = (name: string) => call.query.get(name) ?? '';
  return [
    ...['sp', 'st', 'se'].map(value),
    canonicalResource(call),
    ...['si', 'sip', 'spr', 'sv', 'sr'].map(value),
    '', // snapshot time
    value('ses'),
    ...RESPONSE_HEADERS.map(value),
  ].join('\n');
}

function delegationText(call: Call): string {
  const value = (name: string) => call.query.get(name) ?? '';
  const version = value('sv');
  return [
    ...['sp', 'st', 'se'].map(value),
    canonicalResource(call),
    ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv', 'saoid', 'suoid', 'scid'].map(value),
    ...(version >= '2025-07-05' ? ['skdutid', 'sduoid'].map(value) : []),
    ...['sip', 'spr', 'sv', 'sr'].map(value),
    '', // snapshot time
    value('ses'),
    ...(version >= '2026-04-06' ? [signedHeaders(call), signedParameters(call)] : []),
    ...RESPONSE_HEADERS.map(value),
  ].join('\n');
}

/** `srh` names request headers that the signature covers, `srq` query parameters. */
function signedHeaders({ query, headers }: Call): string {
  const names = (query.get('srh') ?? '').split(',').filter(name => name !== '');
  return names.map(name => `${name}:${single(headers[name.toLowerCase()]) ?? ''}\n`).join('');
}

function signedParameters({ query }: Call): string {
  const names = (query.get('srq') ?? '').split(',').filter(name => name !== '');
  return names.map(name => `\n${name}:${query.get(name.toLowerCase()) ?? ''}`).join('');
}

/** The resource signed for: the file system, the file, or the first `sdd` segments of the path. */
function canonicalResource(call: Call): string {
  const { accountName, query } = call;
  const { fileSystem, path } = subjectOf(call);
  const container = `/blob/${accountName}/${fileSystem}`;
  const kind = query.get('sr');
  if (kind === 'c') return container;
  if (kind !== 'd') return `${container}/${path}`;
  const directory = directoryOf(path, query);
  return directory === '' ? container : `${container}/${directory}`;
}

function directoryOf(path: string, query: Call['query']): string {
  return path
    .split('/')
    .slice(0, Number(query.get('sdd') ?? '0'))
    .join('/');
}

function accountGrant(granted: string, query: Call['query']): Grant {
  const services = query.get('ss') ?? '';
  const kinds = query.get('srt') ?? '';
  return (permissions, { fileSystem, path }) => {
    // A listing is a call on the file system, whatever directory of it is listed.
    const kind = fileSystem === '' ? 's' : path === '' || permissions === 'l' ? 'c' : 'o';
    if (!services.includes('b') || !kinds.includes(kind)) {
      throw mismatch(`ss=${services}, srt=${kinds} does not cover ${JSON.stringify(fileSystem)}/${path}.`);
    }
    checkPermission(granted, permissions);
  };
}

/** A service or delegation SAS holds for what it was signed for, and for what lies below. */
function serviceGrant(granted: string, call: Call): Grant {
  const kind = call.query.get('sr');
  const subject = subjectOf(call);
  const scope = kind === 'c' ? '' : kind === 'd' ? directoryOf(subject.path, call.query) : subject.path;
  return (permissions, { fileSystem, path }: PathKey) => {
    const covers = kind === 'b' ? path === scope : path === scope || isBelow(path, scope);
    if (fileSystem !== call.fileSystem || !covers) {
      throw mismatch(`It was made for ${call.fileSystem}/${scope}, not for ${fileSystem}/${path}.`);
    }
    checkPermission(granted, permissions);
  };
}

function checkPermission(granted: string, permissions: string): void {
  if (![...permissions].some(permission => granted.includes(permission))) {
    throw mismatch(`One of ${JSON.stringify(permissions)} is needed, ${JSON.stringify(granted)} is granted.`);
  }
}

function checkTimes(start: string | undefined, expiry: string | undefined): void {
  const now = Date.now();
  const [from, to] = [Date.parse(start ?? '1970-01-01'), Date.parse(expiry ?? '')];
  if (Number.isNaN(to) || Number.isNaN(from)) throw failed(`st ${start} or se ${expiry} is missing or no time.`);
  if (now < from || now >= to)
    throw failed(`Valid from ${start ?? 'ever'} to ${expiry}, now is ${new Date(now).toISOString()}.`);
}

function checkConnection({ query, secure, clientAddress }: Call): void {
  if (query.get('spr') === 'https' && !secure) throw failed('spr allows https only.');
  const allowed = query.get('sip');
  if (allowed === undefined) return;
  const [first = '', last = first] = allowed.split('-');
  const client = addressNumber(clientAddress().replace(/^::ffff:/, ''));
  if (!(client >= addressNumber(first) && client <= addressNumber(last))) throw failed(`sip allows ${allowed} only.`);
}

/** An IPv4 address as a number; NaN, which compares false to all, for anything else. */
function addressNumber(address: string): number {
  const parts = address.split('.').map(Number);
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + part, 0) : Number.NaN;
}

function storedPolicy(call: Call, account: Account, id: string): Map<string, string> {
  const xml = account.tree.find({ fileSystem: call.fileSystem, path: '' })?.record.policies ?? '';
  const policy = new Map<string, string>();
  let current = '';
  for (const { name, text } of readElements(xml, ['Id', 'Start', 'Expiry', 'Permission'])) {
    if (name === 'Id') current = text;
    else if (current === id) policy.set(name, text);
  }
  if (policy.size === 0) throw failed(`File system ${call.fileSystem} has no stored policy ${JSON.stringify(id)}.`);
  return policy;
}

function failed(detail: string): StorageError {
  return new StorageError('AuthenticationFailed', detail);
}

function mismatch(detail: string): StorageError {
  return new StorageError('AuthorizationPermissionMismatch', detail);
}
