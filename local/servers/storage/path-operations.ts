import fs from 'node:fs';
import { accessOf } from './access-control.ts';
import type { Answer } from './answer.ts';
import { checkSourceConditions, checkWriteConditions } from './conditions.ts';
import { StorageError } from './errors.ts';
import { checkLeaseForWrite } from './leases.ts';
import type { Context } from './operation.ts';
import { isBelow, splitName } from './paths.ts';
import { dfsContent, propertiesOf, versionHeaders } from './properties.ts';
import type { RecordChange } from './records.ts';
import { parsePathAddress, single, wholeNumber } from './request.ts';
import type { Entry } from './tree.ts';

/** The Data Lake calls that change paths. Source: REST reference, "Path - Create, Update, Delete". */

/** Makes an empty file or a directory; parents appear silently. A file that was there is emptied, unless the conditions forbid. */
export function create({ call, account: { tree, staging, dropUncommitted }, raise }: Context): Answer {
  tree.requireFileSystem(call.fileSystem);
  const existing = tree.find(call);
  checkWriteConditions(call.headers, existing);
  checkLeaseForWrite(call, existing);
  const wantsDirectory = call.query.get('resource') === 'directory';
  if (existing !== undefined && existing.isDirectory !== wantsDirectory) {
    throw new StorageError(
      'PathConflict',
      `${call.fileSystem}/${call.path} is a ${existing.isDirectory ? 'directory' : 'file'}.`,
    );
  }
  const change: RecordChange = {
    metadata: propertiesOf(call) ?? {},
    content: dfsContent(call),
    access: accessOf(call, {}),
    blocks: undefined,
    appendedBlocks: undefined,
    copy: undefined,
    expiresMs: undefined,
    createdMs: Date.now(),
  };
  if (!wantsDirectory) dropUncommitted(call);
  const made = wantsDirectory
    ? tree.makeDirectory(call, change)
    : tree.place(call, emptyFile(staging.scratch()), change);
  raise(wantsDirectory ? 'CreateDirectory' : 'CreateFile', made);
  return {
    status: 201,
    headers: { ...versionHeaders(made), 'x-ms-request-server-encrypted': 'true', 'content-length': '0' },
  };
}

function emptyFile(location: string): string {
  fs.writeFileSync(location, '');
  return location;
}

/**
 * Renames a file or a directory, also into another file system. Atomic; an existing file or empty directory is replaced.
 * As the service, ETag and Last-Modified move along: a client whose answer was lost can recognise its own rename.
 */
export function rename({ call, account, accounts, require, raise }: Context): Answer {
  const { tree, dropUncommitted } = account;
  const address = parsePathAddress(
    single(call.headers['x-ms-rename-source']) ?? '',
    [...accounts.keys()],
    account.name,
  );
  if (address.accountName !== account.name) {
    throw new StorageError(
      'InvalidHeaderValue',
      `A rename stays within its account, the source is in ${address.accountName}.`,
    );
  }
  require('mw', address);
  tree.requireFileSystem(call.fileSystem);
  const source = tree.find(address);
  if (source === undefined || source.path === '') {
    throw new StorageError('SourcePathNotFound', `Source: ${address.fileSystem}/${address.path}.`);
  }
  const target = tree.find(call);
  checkSourceConditions(call.headers, source);
  checkLeaseForWrite(call, source, 'x-ms-source-lease-id');
  checkWriteConditions(call.headers, target);
  checkLeaseForWrite(call, target);
  const inSameFileSystem = source.fileSystem === call.fileSystem;
  if (inSameFileSystem && isBelow(call.path, source.path)) {
    throw new StorageError('InvalidRenameSourcePath', `${call.path} lies below ${source.path}.`);
  }
  const parent = tree.find({ fileSystem: call.fileSystem, path: splitName(call.path)[0] });
  if (parent?.isDirectory !== true) {
    throw new StorageError('RenameDestinationParentPathNotFound', `Destination: ${call.fileSystem}/${call.path}.`);
  }
  const isSame = inSameFileSystem && source.path === call.path;
  if (target !== undefined && !isSame) checkReplaceable(source, target, !target.isDirectory || tree.isEmpty(target));
  let moved = source;
  if (!isSame) {
    dropUncommitted(source);
    dropUncommitted(call);
    moved = tree.move(source, call);
  }
  const metadata = propertiesOf(call);
  if (metadata !== undefined) moved = tree.update(moved, { metadata });
  if (!isSame) raise(moved.isDirectory ? 'RenameDirectory' : 'RenameFile', moved, { source });
  return { status: 201, headers: { ...versionHeaders(moved), 'content-length': '0' } };
}

function checkReplaceable(source: Entry, target: Entry, targetIsEmpty: boolean): void {
  if (source.isDirectory !== target.isDirectory) {
    throw new StorageError(
      'PathConflict',
      `${target.path} is a ${target.isDirectory ? 'directory' : 'file'}, ${source.path} is not.`,
    );
  }
  if (target.isDirectory && !targetIsEmpty) throw new StorageError('DirectoryNotEmpty', `Destination: ${target.path}.`);
}

/** Receives bytes for a position; invisible until flushed, unless `flush=true`. */
export async function append(context: Context): Promise<Answer> {
  const { call, account } = context;
  const before = fileAt(context);
  checkLeaseForWrite(call, before);
  const position = wholeNumber('position', call.query.get('position')) ?? before.bytes;
  const bytes = await account.staging.append(before, position, call.body, single(call.headers['content-md5']));
  const flushed = call.query.get('flush') === 'true' ? commit(context, fileAt(context), position + bytes) : undefined;
  return {
    status: 202,
    headers: { ...(flushed === undefined ? {} : versionHeaders(flushed)), 'x-ms-request-server-encrypted': 'true' },
  };
}

/** Makes appended bytes the file's: `position` is its new length. Safe to repeat. */
export function flush(context: Context): Answer {
  const { call } = context;
  const before = fileAt(context);
  checkLeaseForWrite(call, before);
  checkWriteConditions(call.headers, before);
  const position = wholeNumber('position', call.query.get('position'));
  if (position === undefined) throw new StorageError('InvalidQueryParameterValue', 'position is missing.');
  const after = commit(context, before, position);
  return {
    status: 200,
    headers: { ...versionHeaders(after), 'x-ms-request-server-encrypted': 'true', 'content-length': '0' },
  };
}

function fileAt({ call, account: { tree } }: Context): Entry {
  const entry = tree.get(call);
  if (!entry.isDirectory) return entry;
  throw new StorageError('PathConflict', `${call.fileSystem}/${call.path} is a directory.`);
}

function commit({ call, account: { tree, staging }, raise }: Context, before: Entry, length: number): Entry {
  const finished = staging.finish(before, length, call.query.get('retainuncommitteddata') === 'true');
  const change: RecordChange = {
    // The MD5 kept was that of the old bytes.
    content: { ...before.record.content, md5: undefined, ...dfsContent(call) },
    blocks: undefined,
  };
  const committed =
    finished === undefined ? tree.update(before, change) : tree.place(before, finished.file, change, finished.commit);
  if (call.query.get('close') === 'true') raise('FlushWithClose', committed);
  return committed;
}

/** Removes a path. A directory that is not empty needs `recursive=true`. */
export function remove({ call, account: { tree, dropUncommitted }, raise }: Context): Answer {
  const entry = tree.get(call);
  checkWriteConditions(call.headers, entry);
  checkLeaseForWrite(call, entry);
  const recursive = call.query.get('recursive') === 'true';
  if (entry.isDirectory && !recursive && !tree.isEmpty(entry)) {
    throw new StorageError('DirectoryNotEmpty', `Path: ${call.fileSystem}/${call.path}.`);
  }
  dropUncommitted(call);
  tree.remove(entry);
  if (entry.isDirectory) raise('DeleteDirectory', entry, { recursive });
  else raise(call.side === 'dfs' ? 'DeleteFile' : 'DeleteBlob', entry);
  return {
    status: call.side === 'dfs' ? 200 : 202,
    headers: { 'x-ms-delete-type-permanent': 'true', 'content-length': '0' },
  };
}
