/** Starts runs, one at a time per pipeline: a second start is refused while the first one lives. */
import { randomBytes } from 'node:crypto';
import { type DurableClient, type DurableOrchestrationStatus, OrchestrationRuntimeStatus } from 'durable-functions';
import type { RunInput } from '../orchestrations/run.ts';
import { runLockPath } from '../shared/catalog/lake-paths.ts';
import type { Clock } from '../shared/clock.ts';
import { ConflictError, TransientError } from '../shared/errors.ts';
import type { RunRequest } from '../shared/runs/run-record.ts';
import { findRunRecord } from '../shared/runs/run-records.ts';
import { loadDocument, saveDocument } from '../shared/storage/json-document.ts';
import type { Services } from './services.ts';

interface RunLock {
  readonly runId: string;
  readonly takenAtMs: number;
}

/** A lock without an orchestration is a start under way, for this long; after that its starter died. */
const startGraceMs = 10_000;

const alive: readonly OrchestrationRuntimeStatus[] = [
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.Suspended,
  OrchestrationRuntimeStatus.ContinuedAsNew,
];

/**
 * Returns the new run's id.
 * @throws ConflictError `running` when a run of the pipeline is under way; its message names it
 * @throws TransientError `durable` when the host cannot say whether one is
 */
export async function startRun(
  { store, clock, retryFirstIntervalMs }: Services,
  client: DurableClient,
  request: RunRequest,
): Promise<string> {
  const runId = newRunId(request.pipeline, clock);
  await takeLock(store, clock, client, request.pipeline, runId);
  const input: RunInput = {
    request,
    startedAt: new Date(clock.now()).toISOString(),
    retry: { firstIntervalMs: retryFirstIntervalMs },
  };
  await client.startNew(request.pipeline, { instanceId: runId, input });
  return runId;
}

/** The orchestration of a run, or undefined where there is none. */
export async function findOrchestration(
  client: DurableClient,
  runId: string,
): Promise<DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(runId);
  } catch {
    // The SDK throws a plain Error for 404 as for anything else; both mean that no run can be shown to be alive.
    return undefined;
  }
}

export function isAlive(status: DurableOrchestrationStatus): boolean {
  return alive.includes(status.runtimeStatus);
}

/** The lock is never released: the orchestration it names is either alive or not, also after a crash. */
async function takeLock(
  store: Services['store'],
  clock: Clock,
  client: DurableClient,
  pipeline: string,
  runId: string,
): Promise<void> {
  const path = runLockPath(pipeline);
  const current = await loadDocument<RunLock>(store, path);
  if (current !== undefined && (await isUnderWay(store, clock, client, pipeline, current.value))) {
    throw alreadyRunning(pipeline, current.value.runId);
  }
  try {
    await saveDocument<RunLock>(store, path, { runId, takenAtMs: clock.now() }, current);
  } catch (error) {
    if (error instanceof ConflictError) throw alreadyRunning(pipeline, 'another one, started this moment');
    throw error;
  }
}

async function isUnderWay(
  store: Services['store'],
  clock: Clock,
  client: DurableClient,
  pipeline: string,
  { runId, takenAtMs }: RunLock,
): Promise<boolean> {
  // The record is a run's last word: its orchestration only has to return after that.
  const record = await findRunRecord(store, pipeline, runId);
  if (record !== undefined && record.status !== 'Running') return false;
  const orchestration = await findOrchestration(client, runId);
  if (orchestration !== undefined) return isAlive(orchestration);
  return clock.now() - takenAtMs < startGraceMs || (await isListedAlive(client, runId));
}

/** `getStatus` cannot tell a missing run from a failing host, and a lock must not open on a failure; a query can. */
async function isListedAlive(client: DurableClient, runId: string): Promise<boolean> {
  try {
    const living = await client.getStatusBy({ runtimeStatus: [...alive] });
    return living.some(({ instanceId }) => instanceId === runId);
  } catch (cause) {
    throw new TransientError(`run ${runId}: the Functions host does not say whether it is under way; try again`, {
      code: 'durable',
      cause,
    });
  }
}

function alreadyRunning(pipeline: string, runId: string): ConflictError {
  return new ConflictError(`a run of ${pipeline} is under way: ${runId}; wait for it or cancel it`, {
    code: 'running',
  });
}

/** Time first, so that ids and record paths sort by start. */
function newRunId(pipeline: string, clock: Clock): string {
  const time = new Date(clock.now()).toISOString().replace(/[-:.]/g, '');
  return `${pipeline}-${time}-${randomBytes(3).toString('hex')}`;
}
