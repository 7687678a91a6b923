/**
 * The outbox: an event is a file below `control/outbox` before it is sent, and is marked there once it was. A crash between the two, or
 * an answer that is lost, leaves it pending, and the next run sends it again. So every event is sent at least once.
 */
import { outboxFolder, outboxPath } from '../catalog/lake-paths.ts';
import type { Clock } from '../clock.ts';
import { ConflictError, PermanentError } from '../errors.ts';
import { type Document, loadDocument, saveDocument, updateDocument } from '../storage/json-document.ts';
import type { LakeStore } from '../storage/store.ts';
import type { EventPublisher, LakeEvent } from './lake-event.ts';

/** Published events stay on record, so there are thousands in the end: small files, whose reading is mostly waiting. */
const readsAtOnce = 32;

export interface OutboxEntry {
  readonly event: LakeEvent;
  readonly status: 'pending' | 'published';
  /** ISO 8601, UTC: when it was last marked as published; null before the first time. */
  readonly publishedAt: string | null;
}

export interface PublishReport {
  /** Ids of the events that were sent. */
  readonly published: readonly string[];
  /** Events that will never be taken as they are; they stay pending, so that every run says so again. */
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
}

/** Puts an event into the outbox; where it is already, as after a repeated step, nothing changes. */
export async function queueEvent(
  store: LakeStore,
  pipeline: string,
  event: LakeEvent,
): Promise<{ readonly path: string }> {
  const path = outboxPath(pipeline, event.id);
  await updateDocument<OutboxEntry>(store, path, current =>
    current === undefined ? { event, status: 'pending', publishedAt: null } : undefined,
  );
  return { path };
}

/** The events that are still to be sent, in the order of their ids, which is that of their runs. */
export async function pendingEvents(store: LakeStore, pipeline: string): Promise<readonly LakeEvent[]> {
  const entries: LakeEvent[] = [];
  for await (const { value } of outbox(store, pipeline)) if (value.status === 'pending') entries.push(value.event);
  return entries;
}

/**
 * Sends what is pending and marks it.
 * @throws TransientError, ConfigError of the publisher: all other events would fare alike, and stay pending
 */
export async function publishPending(
  store: LakeStore,
  pipeline: string,
  publisher: EventPublisher,
  clock: Clock,
): Promise<PublishReport> {
  const published: string[] = [];
  const refused: { id: string; code: string; message: string }[] = [];
  for await (const entry of outbox(store, pipeline)) {
    if (entry.value.status === 'published') continue;
    const { event } = entry.value;
    try {
      await publisher.publish({ ...event, sentat: new Date(clock.now()).toISOString() });
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      refused.push({ id: event.id, code: error.code ?? error.kind, message: error.message });
      continue;
    }
    published.push(event.id);
    await markPublished(store, pipeline, entry, clock);
  }
  return { published, refused };
}

/** Marks events as pending that were published before, so that they are sent once more, under their ids. Returns those. */
export async function republish(
  store: LakeStore,
  pipeline: string,
  filter: (event: LakeEvent) => boolean,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { value } of outbox(store, pipeline)) {
    if (value.status === 'pending' || !filter(value.event)) continue;
    const path = outboxPath(pipeline, value.event.id);
    await updateDocument<OutboxEntry>(store, path, current => current && { ...current, status: 'pending' });
    ids.push(value.event.id);
  }
  return ids;
}

async function* outbox(store: LakeStore, pipeline: string): AsyncIterable<Document<OutboxEntry>> {
  const paths: string[] = [];
  for await (const { path } of store.list(outboxFolder(pipeline))) paths.push(path);
  for (let start = 0; start < paths.length; start += readsAtOnce) {
    const batch = paths.slice(start, start + readsAtOnce).map(path => loadDocument<OutboxEntry>(store, path));
    for (const entry of await Promise.all(batch)) if (entry !== undefined) yield entry;
  }
}

/** Over the entry as it was when it was sent: one that was changed since, to be sent once more, stays pending. */
async function markPublished(
  store: LakeStore,
  pipeline: string,
  entry: Document<OutboxEntry>,
  clock: Clock,
): Promise<void> {
  const marked: OutboxEntry = {
    ...entry.value,
    status: 'published',
    publishedAt: new Date(clock.now()).toISOString(),
  };
  try {
    await saveDocument(store, outboxPath(pipeline, marked.event.id), marked, entry);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
