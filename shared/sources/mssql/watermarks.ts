/**
 * The watermark of each source table, in `control/watermarks`. A run first *reserves*: it gets a sequence number of its own,
 * larger than any before. The number orders the runs of a table: silver takes it as its transaction version, and a run that was
 * overtaken can neither merge nor move the watermark.
 */
import { watermarkPath } from '../../catalog/lake-paths.ts';
import { ConflictError } from '../../errors.ts';
import { updateDocument } from '../../storage/json-document.ts';
import type { LakeStore } from '../../storage/store.ts';

export interface WatermarkRecord {
  readonly table: string;
  /** Everything up to and including this is in silver; null before the first run. As the server prints it, UTC. */
  readonly watermark: string | null;
  /** The last sequence number given out, and to which run. */
  readonly sequence: number;
  readonly reservedBy: string;
  /** The run that moved the watermark last. */
  readonly movedBy: string | null;
}

const pipeline = 'youflix';

/** Gives the run its sequence number; the same one when asked again, so that a repeated activity is harmless. */
export async function reserveSequence(store: LakeStore, table: string, runId: string): Promise<WatermarkRecord> {
  const record = await updateDocument<WatermarkRecord>(store, watermarkPath(pipeline, table), current => {
    if (current?.reservedBy === runId) return undefined;
    return {
      table,
      watermark: current?.watermark ?? null,
      sequence: (current?.sequence ?? 0) + 1,
      reservedBy: runId,
      movedBy: current?.movedBy ?? null,
    };
  });
  if (record === undefined)
    throw new ConflictError(`watermark of ${table}: the record vanished while run ${runId} reserved it`);
  return record;
}

/**
 * Moves the watermark forward. Moving to where it already stands, or to an older value, changes nothing.
 * @throws ConflictError when a later run has reserved the table since: this run was overtaken and must not speak for it
 */
export async function moveWatermark(
  store: LakeStore,
  move: { readonly table: string; readonly runId: string; readonly sequence: number; readonly to: string },
): Promise<WatermarkRecord | undefined> {
  return updateDocument<WatermarkRecord>(store, watermarkPath(pipeline, move.table), current => {
    if (current === undefined || current.sequence !== move.sequence) {
      throw new ConflictError(
        `watermark of ${move.table}: run ${move.runId} holds sequence ${move.sequence}, but ${current?.sequence ?? 'none'} was given out since; start a new run`,
        { code: 'overtaken' },
      );
    }
    // Text of one fixed format (yyyy-mm-dd hh:mi:ss.fffffff): its order is the order of time.
    if (current.watermark !== null && move.to <= current.watermark) return undefined;
    return { ...current, watermark: move.to, movedBy: move.runId };
  });
}
