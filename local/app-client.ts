/** The app's HTTP interface, as the local command uses it: start a run, wait for its record. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The parts of a run record that are printed and compared. The app's own type is not imported: this is a client. */
export interface RunRecord {
  readonly runId: string;
  readonly pipeline: string;
  readonly mode: string;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly tables: readonly {
    readonly table: string;
    readonly version: number | null;
    readonly rows: number | null;
    readonly failure: { readonly step: string; readonly message: string } | null;
    readonly steps: readonly Step[];
  }[];
}

export interface Step {
  readonly name: string;
  readonly table: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly bytes: number;
  readonly path: string;
  readonly seconds: number;
  readonly retries: number;
  readonly counts?: Readonly<Record<string, number>>;
}

/** @throws Error with the app's own problems when the start is refused */
export async function startRun(url: string, pipeline: string, body: unknown): Promise<string> {
  const response = await fetch(`${url}/api/pipelines/${pipeline}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { runId?: string; problems?: string[] };
  if (response.status !== 202 || answer.runId === undefined) {
    throw new Error(`starting ${pipeline}: the app answered ${response.status}: ${(answer.problems ?? []).join('; ')}`);
  }
  return answer.runId;
}

const brokenOffAfterMs = 2000;

/** Waits until the run has ended. The app may go away and come back meanwhile. @throws Error when time is up */
export async function waitForRun(url: string, runId: string, timeoutMs: number): Promise<RunRecord> {
  const deadline = Date.now() + timeoutMs;
  let seen = 'no answer';
  let brokenOffSinceMs: number | undefined;
  while (Date.now() < deadline) {
    const record = await getRun(url, runId);
    if (record !== undefined) {
      seen = record.status;
      if (record.endedAt) return record;
      // An ended orchestration has kept its record just before; one that broke off never does.
      brokenOffSinceMs = seen === 'Failed' || seen === 'Terminated' ? (brokenOffSinceMs ?? Date.now()) : undefined;
      if (brokenOffSinceMs !== undefined && Date.now() - brokenOffSinceMs > brokenOffAfterMs) {
        throw new Error(`run ${runId} ended as ${seen} without a record; see the host's log`);
      }
    }
    await sleep(40);
  }
  throw new Error(`run ${runId} did not end within ${timeoutMs / 1000} s; last seen: ${seen}`);
}

/** The newest runs of a pipeline, newest first. */
export async function listRuns(url: string, pipeline: string, limit: number): Promise<readonly RunRecord[]> {
  const response = await fetch(`${url}/api/runs?pipeline=${pipeline}&limit=${limit}`);
  if (!response.ok) throw new Error(`listing runs of ${pipeline}: the app answered ${response.status}`);
  return ((await response.json()) as { readonly runs: readonly RunRecord[] }).runs;
}

async function getRun(url: string, runId: string): Promise<RunRecord | undefined> {
  try {
    const response = await fetch(`${url}/api/runs/${runId}`);
    return response.ok ? ((await response.json()) as RunRecord) : undefined;
  } catch {
    return undefined;
  }
}
