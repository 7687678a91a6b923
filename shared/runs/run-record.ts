/** What a run did, kept in `control/runs`: small enough to read whole, exact enough to trust. Plain JSON: it crosses orchestrators. */

/** `full` carries everything, `incremental` what is new, `backfill` a range once more. Not every pipeline has all. */
export type RunMode = 'full' | 'incremental' | 'backfill';

/** Of watermarks, UTC: from (inclusive) to (exclusive). */
export interface RunRange {
  readonly from: string;
  readonly to: string;
}

export type RunStatus = 'Running' | 'Completed' | 'Failed' | 'Cancelled';

export interface StepReceipt {
  /** `extract`, `merge`, `reconcile`, … */
  readonly name: string;
  readonly table: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly bytes: number;
  /** The lake path that the step wrote or checked. */
  readonly path: string;
  readonly seconds: number;
  /** Calls to a service that were repeated inside the step. */
  readonly retries: number;
  /** What else the step counted, by name: `inserted`, `updated`, `deleted`, `duplicates`, … */
  readonly counts?: Readonly<Record<string, number>>;
}

export interface StepFailure {
  readonly step: string;
  readonly code: string;
  readonly message: string;
}

/** How one table fared. `version` is the Delta version that holds the run's rows, null when silver was not touched. */
export interface TableResult {
  readonly table: string;
  readonly outcome: 'ok' | 'failed';
  readonly mode: RunMode;
  readonly steps: readonly StepReceipt[];
  readonly version: number | null;
  readonly rows: number | null;
  readonly watermark: string | null;
  readonly failure: StepFailure | null;
}

export interface RunRequest {
  readonly pipeline: string;
  readonly mode: RunMode;
  readonly tables: readonly string[];
  readonly range: RunRange | null;
}

export interface RunRecord {
  readonly runId: string;
  readonly pipeline: string;
  readonly mode: RunMode;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly request: RunRequest;
  readonly tables: readonly TableResult[];
  /** What was noticed and left alone, such as a file that is no data set. */
  readonly notes?: readonly string[];
}
