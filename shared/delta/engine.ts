import type { Clock } from '../clock.ts';
import type { DuckDbSession } from '../duckdb/session.ts';
import type { LakeStore } from '../storage/store.ts';

/** What every operation on a Delta table needs from the world; always the last parameter. */
export interface DeltaEngine {
  readonly store: LakeStore;
  readonly duckdb: DuckDbSession;
  /** A local folder for data files on their way between the lake and DuckDB; made when missing. */
  readonly scratch: string;
  readonly clock: Clock;
}
