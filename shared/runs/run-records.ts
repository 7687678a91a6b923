/** Keeping and finding run records. */
import { runRecordFolder, runRecordPath } from '../catalog/lake-paths.ts';
import { loadDocument, updateDocument } from '../storage/json-document.ts';
import type { LakeStore } from '../storage/store.ts';
import type { RunRecord } from './run-record.ts';

/**
 * Saves a record. An ended run stays as it ended: a record that arrives late (a repeated activity, or one that outlived a cancel)
 * changes nothing. A run that was started again under its id is a later one, and takes the place of the one before.
 */
export async function saveRunRecord(store: LakeStore, record: RunRecord): Promise<{ readonly path: string }> {
  const path = runRecordPath(record.pipeline, record.runId);
  await updateDocument<RunRecord>(store, path, current => {
    const ended = current !== undefined && current.status !== 'Running';
    return ended && record.startedAt <= current.startedAt ? undefined : record;
  });
  return { path };
}

export async function findRunRecord(store: LakeStore, pipeline: string, runId: string): Promise<RunRecord | undefined> {
  return (await loadDocument<RunRecord>(store, runRecordPath(pipeline, runId)))?.value;
}

/** The newest records of a pipeline, newest first. */
export async function listRunRecords(store: LakeStore, pipeline: string, limit: number): Promise<readonly RunRecord[]> {
  const paths: string[] = [];
  for await (const file of store.list(runRecordFolder(pipeline))) paths.push(file.path);
  const newest = paths.sort().reverse().slice(0, limit);
  const records = await Promise.all(newest.map(path => loadDocument<RunRecord>(store, path)));
  return records.flatMap(record => (record === undefined ? [] : [record.value]));
}
