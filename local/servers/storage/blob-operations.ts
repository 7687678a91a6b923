import { randomUUID } from 'node:crypto';
import { copyFile, constants as copyFlags, open, rm } from 'node:fs/promises';
import type { Answer } from './answer.ts';
import { authorize } from './authorization.ts';
import { writeBody } from './body.ts';
import { checkSourceConditions, checkWriteConditions } from './conditions.ts';
import { StorageError } from './errors.ts';
import { checkLeaseForWrite } from './leases.ts';
import type { Context } from './operation.ts';
import { blobContent, metadataOf, versionHeaders } from './properties.ts';
import type { ContentHeaders, RecordChange } from './records.ts';
import { type Call, parsePathAddress, single } from './request.ts';
import type { Entry } from './tree.ts';

/** Blob calls that make or describe whole blobs. Source: REST reference, "Put Blob", "Copy Blob", "Set Blob Properties". */

/** Put Blob: a block blob with its bytes, or an empty append blob. */
export async function putBlob({ call, account: { tree, staging, dropUncommitted }, raise }: Context): Promise<Answer> {
  const type = single(call.headers['x-ms-blob-type']);
  if (type === 'PageBlob') throw new StorageError('NotImplemented', 'Page blobs.');
  if (type !== 'BlockBlob' && type !== 'AppendBlob') {
    throw new StorageError(
      'InvalidHeaderValue',
      `x-ms-blob-type should be BlockBlob or AppendBlob, is ${JSON.stringify(type)}.`,
    );
  }
  const { hdi_isfolder: isFolder, ...metadata } = metadataOf(call);
  const scratch = staging.scratch();
  try {
    const file = await open(scratch, 'wx');
    const md5 = single(call.headers['content-md5']);
    await writeBody(file, call.body, 0, md5).finally(() => file.close());
    const existing = checkTarget(call, tree.find(call), isFolder === 'true');
    tree.requireFileSystem(call.fileSystem);
    dropUncommitted(call);
    const change = { ...freshBlob(call, md5), metadata, appendedBlocks: type === 'AppendBlob' ? 0 : undefined };
    // With a hierarchical namespace an empty blob marked as a folder is a directory.
    const made =
      isFolder === 'true'
        ? tree.makeDirectory(call, existing === undefined ? change : {})
        : tree.place(call, scratch, change);
    raise(made.isDirectory ? 'CreateDirectory' : 'PutBlob', made);
    return {
      status: 201,
      headers: { ...versionHeaders(made), 'content-md5': md5, 'x-ms-request-server-encrypted': 'true' },
    };
  } finally {
    await rm(scratch, { force: true });
  }
}

/** A record that keeps nothing of the blob replaced. */
export function freshBlob(call: Call, md5?: string): RecordChange {
  const type = single(call.headers['content-type']);
  const content: ContentHeaders = { ...(type === undefined ? {} : { type }), ...(md5 === undefined ? {} : { md5 }) };
  return {
    createdMs: Date.now(),
    metadata: metadataOf(call),
    content: { ...content, ...blobContent(call) },
    blocks: undefined,
    appendedBlocks: undefined,
    copy: undefined,
    expiresMs: undefined,
  };
}

/**
 * Checks that a blob may be written here: conditions, lease, and no directory in its place.
 * @throws StorageError ConditionNotMet, PathAlreadyExists, LeaseIdMissing, PathConflict …
 */
export function checkTarget(call: Call, existing: Entry | undefined, isFolder = false): Entry | undefined {
  checkWriteConditions(call.headers, existing);
  checkLeaseForWrite(call, existing);
  if (existing !== undefined && existing.isDirectory !== isFolder) {
    throw new StorageError(
      'PathConflict',
      `${call.fileSystem}/${call.path} is a ${existing.isDirectory ? 'directory' : 'file'}.`,
    );
  }
  return existing;
}

/** Copy Blob and Put Blob From URL, from an account of this server. Done when answered. */
export async function copyBlob(context: Context): Promise<Answer> {
  const { call, account, raise } = context;
  const { tree, staging, dropUncommitted } = account;
  const source = copySource(context);
  const scratch = staging.scratch();
  try {
    await copyFile(source.location, scratch, copyFlags.COPYFILE_FICLONE);
    tree.requireFileSystem(call.fileSystem);
    checkTarget(call, tree.find(call));
    dropUncommitted(call);
    const metadata = metadataOf(call);
    const made = tree.place(call, scratch, {
      ...freshBlob(call),
      metadata: Object.keys(metadata).length > 0 ? metadata : source.record.metadata,
      content: { ...source.record.content, ...blobContent(call) },
      copy: { id: randomUUID(), source: sourceHeader(call).replace(/\?.*/, ''), completedMs: Date.now() },
    });
    const isPut = call.headers['x-ms-blob-type'] !== undefined;
    raise(isPut ? 'PutBlob' : 'CopyBlob', made);
    return {
      status: isPut ? 201 : 202,
      headers: { ...versionHeaders(made), 'x-ms-copy-id': made.record.copy?.id, 'x-ms-copy-status': 'success' },
    };
  } finally {
    await rm(scratch, { force: true });
  }
}

function copySource({ call, account, accounts, require }: Context): Entry {
  const header = sourceHeader(call);
  const host = /^https?:\/\/([^/]+)/i.exec(header)?.[1];
  if (host !== undefined && host !== call.headers.host) {
    throw new StorageError(
      'CannotVerifyCopySource',
      `Copies come from this server (${call.headers.host}), not from ${host}.`,
    );
  }
  const address = parsePathAddress(header, [...accounts.keys()], account.name);
  const from = accounts.get(address.accountName) ?? account;
  if (address.query.has('sig')) {
    const { authorization: _, ...headers } = call.headers;
    authorize({ ...call, ...address, headers }, from)('r', address);
  } else if (from === account) {
    require('r', address);
  } else {
    throw new StorageError('CannotVerifyCopySource', `A copy from account ${from.name} needs a SAS in its source.`);
  }
  const source = from.tree.find(address);
  if (source === undefined || source.isDirectory)
    throw new StorageError('CannotVerifyCopySource', `No file at ${address.path}.`);
  checkSourceConditions(call.headers, source);
  return source;
}

function sourceHeader(call: Call): string {
  return single(call.headers['x-ms-copy-source']) ?? '';
}

/** Set Blob Metadata: all of it is replaced. */
export function setMetadata({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkWriteConditions(call.headers, entry);
  checkLeaseForWrite(call, entry);
  return { status: 200, headers: versionHeaders(tree.update(entry, { metadata: metadataOf(call) })) };
}

/** Set Blob Properties: content headers that are not given are cleared. */
export function setContentHeaders({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkWriteConditions(call.headers, entry);
  checkLeaseForWrite(call, entry);
  return { status: 200, headers: versionHeaders(tree.update(entry, { content: blobContent(call) })) };
}

const EXPIRIES: Record<string, (value: string, entry: Entry) => number | undefined> = {
  NeverExpire: () => undefined,
  RelativeToNow: value => Date.now() + Number(value),
  RelativeToCreation: (value, entry) => entry.record.createdMs + Number(value),
  Absolute: value => Date.parse(value),
};

/** Set Blob Expiry: when a file is to cease to exist. */
export function setExpiry({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkLeaseForWrite(call, entry);
  const option = single(call.headers['x-ms-expiry-option']) ?? '';
  const expiresMs = EXPIRIES[option]?.(single(call.headers['x-ms-expiry-time']) ?? '', entry);
  const isWrong = EXPIRIES[option] === undefined || Number.isNaN(expiresMs) || entry.isDirectory;
  if (isWrong)
    throw new StorageError(
      'InvalidHeaderValue',
      `x-ms-expiry-option ${JSON.stringify(option)} with its time, on a file.`,
    );
  return { status: 200, headers: versionHeaders(tree.update(entry, { expiresMs })) };
}
