import { randomUUID } from 'node:crypto';
import type { EpisodeOutcome } from '../worker/messages.ts';
import type { KnownFunctions } from './actions.ts';
import { type EpisodeDraft, type EpisodeEnd, endEpisode } from './episode.ts';
import {
  type Instance,
  isEnded,
  isExecuted,
  type QueuedMessage,
  type Task,
  type TaskKey,
  type TaskResult,
} from './instance.ts';
import type { DurableStore } from './store.ts';

/**
 * The changes of state that orchestrations go through. Each function belongs inside one transaction of the store; what it returns
 * is for after the commit.
 */

/** A new instance to be. */
export interface StartRequest {
  readonly name: string;
  /** JSON text, or null for none. */
  readonly input: string | null;
  /** Default: a new one. */
  readonly instanceId?: string | undefined;
  readonly version?: string | undefined;
  readonly parent?: { readonly task: TaskKey; readonly instanceId: string };
}

/** What a change has set going. */
export interface Consequences {
  /** Instances that something waits for now. */
  readonly wake: Set<string>;
  /** Tasks to be carried out. */
  readonly runnable: Task[];
}

/** Stores a new instance that waits for its start, replacing an ended one of the same id. */
export function createInstance(store: DurableStore, request: StartRequest): Instance {
  const now = Date.now();
  const id = request.instanceId ?? newId();
  const earlier = store.instance(id);
  if (earlier !== undefined) store.deleteInstance(earlier);
  const instance: Instance = {
    id,
    executionId: newId(),
    name: request.name,
    version: request.version ?? null,
    input: request.input,
    status: 'Pending',
    suspended: false,
    output: null,
    customStatus: null,
    createdAt: now,
    updatedAt: now,
    parent: request.parent?.task ?? null,
    parentId: request.parent?.instanceId ?? null,
    ...atTheBeginning,
  };
  store.putInstance(instance);
  store.putMessage(id, { kind: 'start' });
  return instance;
}

/** Stores what an episode brought; nothing, when the instance was terminated, purged or replaced while the episode ran. */
export function commitEpisode(
  store: DurableStore,
  draft: EpisodeDraft,
  queued: readonly QueuedMessage[],
  outcome: EpisodeOutcome,
  known: KnownFunctions,
): Consequences {
  const consequences: Consequences = { wake: new Set(), runnable: [] };
  const stored = store.instance(draft.instance.id);
  if (stored?.executionId !== draft.instance.executionId || isEnded(stored.status)) return consequences;
  draft.instance = { ...draft.instance, suspended: stored.suspended };
  const end = endEpisode(draft, outcome, known);
  store.deleteMessages(queued);
  if (end.continuation !== undefined) beginGeneration(store, draft.instance, end.continuation.input, consequences);
  else if (end.result !== undefined) storeEnd(store, draft, end.result, consequences);
  else storeProgress(store, draft, end, consequences);
  return consequences;
}

/** Turns a pending task into a message for its instance; does nothing when it is no longer pending. */
export function endTask(store: DurableStore, key: TaskKey, result: TaskResult, wake: Set<string>): void {
  const task = store.takeTask(key);
  if (task === undefined) return;
  store.putMessage(task.instanceId, { kind: 'task', task, result });
  wake.add(task.instanceId);
}

/** Turns every timer that is due into a message for its instance. */
export function fireTimers(store: DurableStore, now: number, wake: Set<string>): void {
  for (const task of store.takeDueTimers(now)) {
    store.putMessage(task.instanceId, { kind: 'task', task, result: { ok: true, result: null } });
    wake.add(task.instanceId);
  }
}

const atTheBeginning = { nextTaskId: 0, knownActions: 0, historyLength: 0, deliveredLength: 0 };

/** Continue as new: the old history goes, and with it whatever the old tasks may still bring. */
function beginGeneration(store: DurableStore, instance: Instance, input: string | null, { wake }: Consequences): void {
  store.clearExecution(instance.executionId);
  const status = instance.suspended ? 'Suspended' : 'Running';
  store.putInstance({ ...instance, ...atTheBeginning, executionId: newId(), input, status });
  store.putMessage(instance.id, { kind: 'start' });
  wake.add(instance.id);
}

function storeEnd(store: DurableStore, draft: EpisodeDraft, result: TaskResult, { wake }: Consequences): void {
  const { instance } = draft;
  storeHistory(store, draft);
  store.clearTasks(instance.executionId);
  store.clearMessages(instance.id);
  if (instance.parent !== null) endTask(store, instance.parent, result, wake);
}

function storeProgress(store: DurableStore, draft: EpisodeDraft, end: EpisodeEnd, consequences: Consequences): void {
  storeHistory(store, draft);
  for (const task of draft.tasks) {
    store.putTask(task);
    if (isExecuted(task)) consequences.runnable.push(task);
    else startChild(store, task, consequences.wake);
  }
  store.deleteTasksOfActions(draft.instance.executionId, end.cancelledTimers);
  // More may have come while the episode ran.
  consequences.wake.add(draft.instance.id);
}

function storeHistory(store: DurableStore, { instance, events }: EpisodeDraft): void {
  store.appendHistory(instance.executionId, instance.historyLength, events);
  store.putInstance({ ...instance, historyLength: instance.historyLength + events.length });
}

function startChild(store: DurableStore, task: Task, wake: Set<string>): void {
  if (task.work.kind !== 'sub-orchestration') return;
  const { name, input = null, instanceId, version } = task.work;
  const running = instanceId === undefined ? undefined : store.instance(instanceId);
  if (running !== undefined && !isEnded(running.status)) {
    const reason = `Orchestrator function '${name}' failed: an instance with the id '${instanceId}' is ${running.status} already`;
    endTask(store, task, { ok: false, reason, details: '' }, wake);
    return;
  }
  const parent = { task: { executionId: task.executionId, taskId: task.taskId }, instanceId: task.instanceId };
  wake.add(createInstance(store, { name, input, instanceId, version, parent }).id);
}

function newId(): string {
  return randomUUID().replaceAll('-', '');
}
