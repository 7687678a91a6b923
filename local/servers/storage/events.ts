import { randomUUID } from 'node:crypto';
import type { GridEvent } from '../event-grid/grid-event.ts';
import type { PathKey } from './records.ts';
import { type Call, single } from './request.ts';
import type { Entry } from './tree.ts';

/**
 * What an account tells Event Grid of its paths. Source: "Azure Blob Storage as an Event Grid source", with the events of accounts
 * with a hierarchical namespace. Differs: a file that expires, and one changed by hand, raise none.
 */

/** The calls that raise an event, by the name it has in `data.api`. */
const eventTypes = {
  PutBlob: 'BlobCreated',
  PutBlockList: 'BlobCreated',
  CopyBlob: 'BlobCreated',
  CreateFile: 'BlobCreated',
  // Of the dfs writes only this one says that the file is whole; a flush without `close` raises nothing.
  FlushWithClose: 'BlobCreated',
  DeleteBlob: 'BlobDeleted',
  DeleteFile: 'BlobDeleted',
  RenameFile: 'BlobRenamed',
  CreateDirectory: 'DirectoryCreated',
  RenameDirectory: 'DirectoryRenamed',
  DeleteDirectory: 'DirectoryDeleted',
} as const;

export type EventApi = keyof typeof eventTypes;

/**
 * Tells that a call took effect on an entry. To be called in the same section without `await` as the effect, so that the events of
 * a path come in the order of its changes.
 */
export type Raise = (api: EventApi, entry: Entry, about?: ChangeDetails) => void;

interface ChangeDetails {
  /** Where a renamed entry was before. */
  readonly source?: PathKey;
  /** Whether a removed directory took others with it. */
  readonly recursive?: boolean;
}

/** Makes the `Raise` of one request; without anyone to tell it does nothing. */
export function raiser(tell: ((event: GridEvent) => void) | undefined, call: Call, requestId: string): Raise {
  if (tell === undefined) return () => {};
  return (api, entry, about = {}) => tell(eventOf(api, entry, about, call, requestId));
}

function eventOf(api: EventApi, entry: Entry, about: ChangeDetails, call: Call, requestId: string): GridEvent {
  const { fileSystem, path } = entry;
  const type = eventTypes[api];
  return {
    topic: `/subscriptions/${subscription}/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/${call.accountName}`,
    subject: `/blobServices/default/containers/${fileSystem}/blobs/${path}`,
    eventType: `Microsoft.Storage.${type}`,
    id: randomUUID(),
    data: {
      api,
      clientRequestId: single(call.headers['x-ms-client-request-id']),
      requestId,
      ...(type === 'BlobCreated' ? contentOf(entry, call.side) : {}),
      ...(type === 'BlobDeleted' ? kindOf(entry) : {}),
      ...(about.recursive === undefined ? {} : { recursive: String(about.recursive) }),
      ...(about.source === undefined
        ? { url: urlOf(call, entry) }
        : { destinationUrl: urlOf(call, entry), sourceUrl: urlOf(call, about.source) }),
      sequencer: nextSequencer(),
      storageDiagnostics: { batchId: randomUUID() },
    },
    dataVersion: call.side === 'dfs' ? '2' : '',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  };
}

const subscription = '00000000-0000-0000-0000-000000000000';

function contentOf(entry: Entry, side: Call['side']): Record<string, unknown> {
  const content = { eTag: entry.etag, ...kindOf(entry), contentLength: entry.bytes };
  return side === 'dfs' ? { ...content, contentOffset: 0 } : content;
}

function kindOf({ record }: Entry): Record<string, unknown> {
  return {
    contentType: record.content.type ?? 'application/octet-stream',
    blobType: record.appendedBlocks === undefined ? 'BlockBlob' : 'AppendBlob',
  };
}

function urlOf({ secure, headers, accountName }: Call, { fileSystem, path }: PathKey): string {
  const segments = [accountName, fileSystem, ...path.split('/')].map(encodeURIComponent);
  return `${secure ? 'https' : 'http'}://${headers.host}/${segments.join('/')}`;
}

let lastSequence = 0n;

/** Greater as text than any before it, also after a restart: opaque to readers, who may compare two of the same path. */
function nextSequencer(): string {
  const now = BigInt(Date.now()) << 20n;
  lastSequence = now > lastSequence ? now : lastSequence + 1n;
  return lastSequence.toString(16).toUpperCase().padStart(32, '0');
}
