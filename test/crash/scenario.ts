import type { RunRecord } from '../../local/app-client.ts';
import type { Cloud } from '../../local/cloud.ts';

/** How one pipeline is disturbed. A new pipeline adds its own and registers it in index.ts. */
export interface CrashScenario {
  readonly pipeline: string;
  /** Fills the sources of an empty cloud. */
  seed(cloud: Cloud): Promise<void>;
  /** The runs to disturb, in order: each starts from where an undisturbed one before it ended. */
  readonly phases: readonly CrashPhase[];
  /** Whether a record is of a run that was asked for, where events start others. Default: all are. */
  isRun?(record: RunRecord): boolean;
  /** What the run's events have yet to bring about, once it has ended; undefined when that is all done. */
  underWay?(dataDir: string): Promise<string | undefined>;
  /** What must be equal in the end, by name: a digest of each table, each watermark. `dataDir` is a cloud's, at rest. */
  endState(dataDir: string): Promise<Readonly<Record<string, string>>>;
}

export interface CrashPhase {
  readonly name: string;
  /** Changes the sources before the run. */
  prepare?(cloud: Cloud): Promise<void>;
  /** Body of the request that starts the run. */
  readonly run: unknown;
}
