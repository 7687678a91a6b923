/**
 * Puts a landing in place of a partition: one list on one day in every table. Each file is replaced at once, the files one after
 * another; the partition's record says whose they are. Of any two landings the later one wins, whichever comes, ends or dies first.
 */
import { partitionRecordPath } from '../../catalog/lake-paths.ts';
import { ConflictError } from '../../errors.ts';
import { loadDocument, updateDocument } from '../../storage/json-document.ts';
import type { LakeStore } from '../../storage/store.ts';
import type { Landing } from './landed-pages.ts';

/** Which landing a partition stands on, kept below `control/partitions`. */
export interface PartitionRecord extends Pick<Landing, 'runId' | 'landedAt' | 'contentHash'> {
  /** Null from the moment the landing has claimed the partition until all its files are there. */
  readonly content: PartitionContent | null;
}

export interface PartitionContent {
  /** Places of the list that were read. */
  readonly rowsIn: number;
  /** Of those, set aside. */
  readonly quarantined: number;
  readonly files: readonly PartitionFile[];
}

export interface PartitionFile {
  readonly table: string;
  /** In the lake. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** That it took to make. */
  readonly seconds: number;
}

/** A content that is ready on this machine. */
export interface NewContent extends Omit<PartitionContent, 'files'> {
  readonly files: readonly NewFile[];
}

export interface NewFile extends Omit<PartitionFile, 'bytes'> {
  readonly localFile: string;
}

/** What is there of the landing; `older` when the partition is a later one's, undefined when it is to be replaced. */
export async function standing(landing: Landing, store: LakeStore): Promise<PartitionContent | 'older' | undefined> {
  const record = await recordOf(landing, store);
  if (record === undefined) return undefined;
  if (ahead(landing, record) < 0) return 'older';
  if (ahead(landing, record) > 0 || record.content === null) return undefined;
  for (const { path, bytes } of record.content.files) {
    if ((await store.head(path))?.bytes !== bytes) return undefined;
  }
  return record.content;
}

/** Returns what the partition holds from now on; undefined when it is a later landing's. */
export async function replacePartition(
  landing: Landing,
  { files, ...counts }: NewContent,
  store: LakeStore,
): Promise<PartitionContent | undefined> {
  // The claim comes before the files: whoever finds it knows that an older landing must not touch them any more.
  if (!(await note(landing, null, store))) return undefined;
  const written: PartitionFile[] = [];
  for (const { localFile, ...file } of files) {
    const bytes = await replaceFile({ localFile, path: file.path }, landing, store);
    if (bytes === undefined) return undefined;
    written.push({ ...file, bytes });
  }
  const content = { ...counts, files: written };
  return (await note(landing, content, store)) ? content : undefined;
}

/** Returns the bytes of the file; undefined when the partition is a later landing's. */
async function replaceFile(
  { localFile, path }: { readonly localFile: string; readonly path: string },
  landing: Landing,
  store: LakeStore,
): Promise<number | undefined> {
  const attempts = 20;
  for (let attempt = 1; ; attempt++) {
    // In this order: a later landing that writes after the ETag was taken is met by the condition, and one that wrote before had
    // claimed the partition by the time the record is read.
    const found = await store.head(path);
    const record = await recordOf(landing, store);
    if (record !== undefined && ahead(landing, record) < 0) return undefined;
    try {
      const only = found === undefined ? 'absent' : { etag: found.etag };
      return (await store.upload(localFile, path, { only })).bytes;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === attempts) throw error;
    }
  }
}

/** Notes how far the landing is. Returns false when the partition is a later one's. */
async function note(landing: Landing, content: PartitionContent | null, store: LakeStore): Promise<boolean> {
  const { runId, landedAt, contentHash } = landing;
  const stands = await updateDocument<PartitionRecord>(store, recordPath(landing), current =>
    current !== undefined && ahead(landing, current) < 0 ? undefined : { runId, landedAt, contentHash, content },
  );
  return stands?.runId === runId;
}

/** How far the landing is ahead of the recorded one: 0 when it is the same, negative when it is older. Run ids settle a tie of times. */
function ahead(landing: Landing, { landedAt, runId }: PartitionRecord): number {
  const ms = Date.parse(landing.landedAt) - Date.parse(landedAt);
  if (ms !== 0 || landing.runId === runId) return ms;
  return landing.runId < runId ? -1 : 1;
}

async function recordOf(landing: Landing, store: LakeStore): Promise<PartitionRecord | undefined> {
  return (await loadDocument<PartitionRecord>(store, recordPath(landing)))?.value;
}

function recordPath({ list, date }: Landing): string {
  return partitionRecordPath('tmdb', list, date);
}
