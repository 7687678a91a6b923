import { open, rm } from 'node:fs/promises';
import type { Answer } from './answer.ts';
import { checkTarget, freshBlob } from './blob-operations.ts';
import { type Block, concatenate, type Piece } from './blocks.ts';
import { readText, writeBody } from './body.ts';
import { checkWriteConditions } from './conditions.ts';
import { StorageError } from './errors.ts';
import { checkLeaseForRead, checkLeaseForWrite } from './leases.ts';
import type { Context } from './operation.ts';
import { blobContent, versionHeaders } from './properties.ts';
import { single, wholeNumber } from './request.ts';
import type { Entry } from './tree.ts';
import { readElements, textElement, XML_DECLARATION } from './xml.ts';

/** Blobs made block by block. Source: REST reference, "Put Block", "Put Block List", "Get Block List", "Append Block". */

/** 50,000 ids of 64 bytes in base64 with their tags. */
const BLOCK_LIST_LIMIT_BYTES = 8 * 1024 * 1024;

export async function putBlock({ call, account: { tree, blocks } }: Context): Promise<Answer> {
  const id = call.query.get('blockid') ?? '';
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(id)) {
    throw new StorageError('InvalidQueryParameterValue', `blockid should be base64, is ${JSON.stringify(id)}.`);
  }
  tree.requireFileSystem(call.fileSystem);
  checkLeaseForWrite(call, tree.find(call));
  const md5 = single(call.headers['content-md5']);
  await blocks.add(call, id, call.body, md5);
  return { status: 201, headers: { 'content-md5': md5, 'x-ms-request-server-encrypted': 'true' } };
}

/** Makes a blob of blocks: freshly uploaded ones, and ones of the blob as it is. */
export async function putBlockList({ call, account, raise }: Context): Promise<Answer> {
  const { tree, staging, blocks, dropUncommitted } = account;
  const xml = await readText(call.body, BLOCK_LIST_LIMIT_BYTES);
  if (!xml.includes('<BlockList')) throw new StorageError('InvalidXmlDocument', 'Expected BlockList.');
  tree.requireFileSystem(call.fileSystem);
  const before = tree.find(call);
  const pieces = piecesOf(readElements(xml, ['Latest', 'Uncommitted', 'Committed']), blocks.list(call), before);
  const scratch = staging.scratch();
  try {
    await concatenate(pieces, scratch);
    const existing = checkTarget(call, tree.find(call));
    // Committed pieces were taken from a blob that must still be the one there.
    if (existing?.etag !== before?.etag) throw new StorageError('ConditionNotMet', 'The blob was replaced meanwhile.');
    dropUncommitted(call);
    const { type: _, ...others } = freshBlob(call).content ?? {};
    const made = tree.place(call, scratch, {
      ...freshBlob(call),
      // The content type of the request is that of the XML, not of the blob.
      content: { ...others, ...blobContent(call) },
      blocks: pieces.map(({ id, bytes }) => ({ id, bytes })),
    });
    raise('PutBlockList', made);
    return { status: 201, headers: { ...versionHeaders(made), 'x-ms-request-server-encrypted': 'true' } };
  } finally {
    await rm(scratch, { force: true });
  }
}

function piecesOf(
  wanted: readonly { readonly name: string; readonly text: string }[],
  uncommitted: readonly Block[],
  blob: Entry | undefined,
): (Piece & { readonly id: string })[] {
  const fresh = new Map(uncommitted.map(({ id, bytes, location }) => [id, { id, bytes, location, start: 0 }]));
  const old = new Map<string, Piece & { id: string }>();
  let start = 0;
  for (const { id, bytes } of blob?.record.blocks ?? []) {
    old.set(id, { id, bytes, start, location: blob?.location ?? '' });
    start += bytes;
  }
  return wanted.map(({ name, text: id }) => {
    const piece =
      name === 'Committed' ? old.get(id) : name === 'Uncommitted' ? fresh.get(id) : (fresh.get(id) ?? old.get(id));
    if (piece === undefined) throw new StorageError('InvalidBlockList', `${name} block ${JSON.stringify(id)}.`);
    return piece;
  });
}

export function getBlockList({ call, account: { tree, blocks } }: Context): Answer {
  const kind = call.query.get('blocklisttype') ?? 'committed';
  const uncommitted = blocks.list(call);
  tree.requireFileSystem(call.fileSystem);
  const entry = tree.find(call) ?? (uncommitted.length > 0 ? undefined : tree.get(call));
  if (entry !== undefined) checkLeaseForRead(call, entry);
  const listed = (list: readonly { id: string; bytes: number }[]) =>
    list.map(({ id, bytes }) => `<Block>${textElement('Name', id)}${textElement('Size', bytes)}</Block>`).join('');
  const text = [
    XML_DECLARATION,
    '<BlockList>',
    kind === 'uncommitted' ? '' : `<CommittedBlocks>${listed(entry?.record.blocks ?? [])}</CommittedBlocks>`,
    kind === 'committed' ? '' : `<UncommittedBlocks>${listed(uncommitted)}</UncommittedBlocks>`,
    '</BlockList>',
  ].join('');
  const version =
    entry === undefined ? {} : { ...versionHeaders(entry), 'x-ms-blob-content-length': String(entry.bytes) };
  return { status: 200, headers: { ...version, 'content-type': 'application/xml' }, text };
}

/**
 * Append Block. Differs from the service in cost: the blob is written anew, so that readers see all of a block or nothing.
 */
export async function appendBlock({ call, account: { tree, staging } }: Context): Promise<Answer> {
  const received = staging.scratch();
  const scratch = staging.scratch();
  try {
    const file = await open(received, 'wx');
    const bytes = await writeBody(file, call.body, 0, single(call.headers['content-md5'])).finally(() => file.close());
    for (;;) {
      const before = appendTarget(tree.get(call));
      checkWriteConditions(call.headers, before);
      checkLeaseForWrite(call, before);
      checkAppendConditions(call.headers, before, bytes);
      const pieces = [
        { location: before.location, start: 0, bytes: before.bytes },
        { location: received, start: 0, bytes },
      ];
      await rm(scratch, { force: true });
      await concatenate(pieces, scratch);
      // Somebody else appended meanwhile: begin again behind their block.
      if (tree.get(call).etag !== before.etag) continue;
      const appendedBlocks = (before.record.appendedBlocks ?? 0) + 1;
      const made = tree.place(call, scratch, { appendedBlocks, content: { ...before.record.content, md5: undefined } });
      return {
        status: 201,
        headers: {
          ...versionHeaders(made),
          'x-ms-blob-append-offset': String(before.bytes),
          'x-ms-blob-committed-block-count': String(appendedBlocks),
          'x-ms-request-server-encrypted': 'true',
        },
      };
    }
  } finally {
    await Promise.all([received, scratch].map(file => rm(file, { force: true })));
  }
}

function appendTarget(entry: Entry): Entry {
  if (entry.record.appendedBlocks !== undefined) return entry;
  throw new StorageError('InvalidBlobType', `${entry.fileSystem}/${entry.path} is no append blob.`);
}

function checkAppendConditions(headers: Context['call']['headers'], entry: Entry, bytes: number): void {
  const at = wholeNumber('x-ms-blob-condition-appendpos', single(headers['x-ms-blob-condition-appendpos']));
  const limit = wholeNumber('x-ms-blob-condition-maxsize', single(headers['x-ms-blob-condition-maxsize']));
  if (at !== undefined && at !== entry.bytes) {
    throw new StorageError('AppendPositionConditionNotMet', `Expected length ${at}, is ${entry.bytes}.`);
  }
  if (limit !== undefined && entry.bytes + bytes > limit) {
    throw new StorageError('MaxBlobSizeConditionNotMet', `${entry.bytes} + ${bytes} bytes, at most ${limit}.`);
  }
}
