import { setAccessControl, setAccessControlRecursive, setProperties } from './access-operations.ts';
import { accountInformation, userDelegationKey } from './account-operations.ts';
import { copyBlob, putBlob, setContentHeaders, setExpiry, setMetadata } from './blob-operations.ts';
import { appendBlock, getBlockList, putBlock, putBlockList } from './block-operations.ts';
import { StorageError } from './errors.ts';
import {
  accessPolicies,
  createFileSystem,
  fileSystemProperties,
  removeFileSystem,
  setAccessPolicies,
  setFileSystemMetadata,
} from './file-system-operations.ts';
import { lease } from './leases.ts';
import { listBlobs, listFileSystems, listPaths } from './list-operations.ts';
import type { Operation } from './operation.ts';
import { append, create, flush, remove, rename } from './path-operations.ts';
import { head, read } from './read-operations.ts';
import type { Call } from './request.ts';

/**
 * Which operation a call asks for.
 * @throws StorageError NotImplemented, naming the call
 */
export function route(call: Call): Operation {
  if ('x-ms-structured-body' in call.headers) {
    throw new StorageError('NotImplemented', 'Bodies with checksums inside (x-ms-structured-body).');
  }
  const operation = accountInformationOperation(call) ?? operationOn(call);
  if (operation !== undefined) return operation;
  const query = [...call.query].filter(([name]) => name !== 'sig').map(([name, value]) => `${name}=${value}`);
  throw new StorageError('NotImplemented', `${call.method} ${call.rawPath}?${query.join('&')} (${call.side}).`);
}

function operationOn(call: Call): Operation | undefined {
  if (call.fileSystem === '') return accountOperation(call);
  return call.path === '' ? fileSystemOperation(call) : pathOperation(call);
}

/** Asked of an account, a file system or a path alike; any grant will do. */
function accountInformationOperation({ method, query }: Call): Operation | undefined {
  const isAsked = query.get('restype') === 'account' && query.get('comp') === 'properties';
  return isAsked ? { verb: method, permissions: 'racwdlmeop', run: accountInformation } : undefined;
}

function accountOperation({ method, query }: Call): Operation | undefined {
  const comp = query.get('comp');
  if (method === 'GET' && comp === 'list') return { verb: 'LIST', permissions: 'l', run: listFileSystems };
  const asksKey = method === 'POST' && comp === 'userdelegationkey';
  return asksKey ? { verb: 'POST', permissions: 'r', run: userDelegationKey } : undefined;
}

function fileSystemOperation(call: Call): Operation | undefined {
  const { method, query } = call;
  const comp = query.get('comp');
  const isContainer = query.get('restype') === 'container' || query.get('resource') === 'filesystem';
  const isRead = method === 'GET' || method === 'HEAD';
  // Without that the root directory is meant; it can be described and given an ACL, but neither made nor removed.
  if (!isContainer) return ['HEAD', 'PATCH'].includes(method) ? pathOperation(call) : undefined;
  switch (comp) {
    case undefined:
      if (method === 'PUT') return { verb: 'CREATE', permissions: 'cw', run: createFileSystem };
      if (method === 'DELETE') return { verb: 'DELETE', permissions: 'd', run: removeFileSystem };
      if (method === 'PATCH') return { verb: 'PATCH', permissions: 'w', run: setFileSystemMetadata };
      if (method === 'GET' && query.has('recursive')) return { verb: 'LIST', permissions: 'l', run: listPaths };
      return isRead ? { verb: method, permissions: 'rle', run: fileSystemProperties } : undefined;
    case 'list':
      return method === 'GET' ? { verb: 'LIST', permissions: 'l', run: listBlobs } : undefined;
    case 'metadata':
      if (method === 'PUT') return { verb: 'PUT', permissions: 'w', run: setFileSystemMetadata };
      return isRead ? { verb: method, permissions: 'r', run: fileSystemProperties } : undefined;
    case 'acl':
      if (method === 'PUT') return { verb: 'PUT', permissions: 'p', run: setAccessPolicies };
      return isRead ? { verb: method, permissions: 'r', run: accessPolicies } : undefined;
    case 'lease':
      return method === 'PUT' ? { verb: 'LEASE', permissions: 'wd', run: lease } : undefined;
    default:
      return undefined;
  }
}

function pathOperation(call: Call): Operation | undefined {
  switch (call.method) {
    case 'HEAD':
      return { verb: 'HEAD', permissions: call.query.get('action') === 'getAccessControl' ? 're' : 'r', run: head };
    case 'GET':
      return getOperation(call);
    case 'DELETE':
      return call.query.has('comp') ? undefined : { verb: 'DELETE', permissions: 'd', run: remove };
    case 'PATCH':
      return patchOperation(call);
    case 'PUT':
      return putOperation(call);
    case 'POST': // how ABFS leases
      return call.headers['x-ms-lease-action'] === undefined
        ? undefined
        : { verb: 'LEASE', permissions: 'wd', run: lease };
    default:
      return undefined;
  }
}

function getOperation({ query }: Call): Operation | undefined {
  if (query.get('comp') === 'blocklist') return { verb: 'GET', permissions: 'r', run: getBlockList };
  if (query.get('comp') === 'metadata') return { verb: 'GET', permissions: 'r', run: head };
  return query.has('comp') || query.has('snapshot') ? undefined : { verb: 'GET', permissions: 'r', run: read };
}

function patchOperation({ query, headers }: Call): Operation | undefined {
  switch (query.get('action')) {
    // Leasing by the way is not offered, and must not be passed over in silence.
    case 'append':
      return 'x-ms-lease-action' in headers ? undefined : { verb: 'APPEND', permissions: 'acw', run: append };
    case 'flush':
      return 'x-ms-lease-action' in headers ? undefined : { verb: 'FLUSH', permissions: 'acw', run: flush };
    case 'setAccessControl':
      return { verb: 'PATCH', permissions: 'p', run: setAccessControl };
    case 'setAccessControlRecursive':
      return { verb: 'PATCH', permissions: 'p', run: setAccessControlRecursive };
    case 'setProperties':
      return { verb: 'PATCH', permissions: 'w', run: setProperties };
    default:
      return undefined;
  }
}

function putOperation({ query, headers }: Call): Operation | undefined {
  const isCopy = 'x-ms-copy-source' in headers;
  switch (query.get('comp')) {
    case undefined:
      if ('x-ms-rename-source' in headers) return { verb: 'RENAME', permissions: 'mw', run: rename };
      if (query.has('resource')) return { verb: 'CREATE', permissions: 'cw', run: create };
      return isCopy
        ? { verb: 'COPY', permissions: 'cw', run: copyBlob }
        : { verb: 'PUT', permissions: 'cw', run: putBlob };
    case 'metadata':
      return { verb: 'PUT', permissions: 'w', run: setMetadata };
    case 'properties':
      return { verb: 'PUT', permissions: 'w', run: setContentHeaders };
    case 'expiry':
      return { verb: 'PUT', permissions: 'w', run: setExpiry };
    case 'lease':
      return { verb: 'LEASE', permissions: 'wd', run: lease };
    case 'block':
      return isCopy ? undefined : { verb: 'PUT', permissions: 'acw', run: putBlock };
    case 'blocklist':
      return { verb: 'PUT', permissions: 'cw', run: putBlockList };
    case 'appendblock':
      return isCopy ? undefined : { verb: 'APPEND', permissions: 'aw', run: appendBlock };
    default:
      return undefined;
  }
}
