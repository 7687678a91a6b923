import type { EpisodeOutcome, HistoryEvent } from '../worker/messages.ts';
import { type KnownFunctions, type NewWork, workOf } from './actions.ts';
import { eventOf, historyEvent, taskScheduled } from './history.ts';
import type { Instance, Message, RuntimeStatus, Task, TaskResult } from './instance.ts';
import { afterFailedAttempt } from './retry.ts';

/** What an episode changes, put together before any of it is stored. */
export interface EpisodeDraft {
  readonly at: number;
  /** As it is to be stored. */
  instance: Instance;
  readonly events: HistoryEvent[];
  readonly tasks: Task[];
}

/** What an episode means beyond the draft. */
export interface EpisodeEnd {
  /** Positions of actions whose timers are cancelled. */
  readonly cancelledTimers: readonly number[];
  /** What the parent is told, when the instance ended. */
  readonly result?: TaskResult;
  /** Set when the instance goes on as a new generation. */
  readonly continuation?: { readonly input: string | null };
}

/**
 * Turns what waits for an instance into the events of one episode.
 *
 * Task ids are counted on both sides, here and in the SDK, and must agree. A completion takes ids of the host's own exactly when
 * it starts or ends the pause before a retry, and such a completion never lets the orchestrator's code go on. Putting these
 * first therefore keeps the order of ids plain: theirs, then those of new actions in the order the SDK lists them. That is
 * what allows any number of completions in one episode.
 */
export function beginEpisode(instance: Instance, messages: readonly Message[], now: number): EpisodeDraft {
  const ordered = [...messages].sort((a, b) => rank(a) - rank(b));
  // An orchestrator must not be told of a timer before its time: the SDK would start another for the rest.
  const at = Math.max(now, ...ordered.map(message => (message.kind === 'task' ? (message.task.dueAt ?? 0) : 0)));
  const draft: EpisodeDraft = { at, instance, events: [historyEvent('OrchestratorStarted', at)], tasks: [] };
  for (const message of ordered) draft.events.push(eventOf(message, instance, at));
  for (const message of ordered) {
    const followUp = retryStep(message, at);
    if (followUp !== undefined) schedule(draft, followUp, null);
  }
  return draft;
}

/** Adds to `draft` what the orchestrator decided. */
export function endEpisode(draft: EpisodeDraft, outcome: EpisodeOutcome, known: KnownFunctions): EpisodeEnd {
  const customStatus = outcome.customStatus === undefined ? null : JSON.stringify(outcome.customStatus);
  draft.instance = { ...draft.instance, customStatus, updatedAt: draft.at };
  if (outcome.error !== undefined) return fail(draft, outcome.error, outcome.failureDetails);

  let continuation: EpisodeEnd['continuation'];
  const firstIndex = draft.instance.knownActions;
  for (const [offset, action] of outcome.newActions.entries()) {
    const work = workOf(action, known);
    if (work.kind === 'unsupported') return fail(draft, work.reason);
    if (work.kind === 'continue-as-new') continuation = { input: work.input };
    if (work.kind === 'task') schedule(draft, work, firstIndex + offset);
  }
  draft.instance = { ...draft.instance, knownActions: firstIndex + outcome.newActions.length };
  draft.events.push(historyEvent('OrchestratorCompleted', draft.at));
  const { cancelledTimers } = outcome;
  if (continuation !== undefined) return { cancelledTimers, continuation };
  if (outcome.isDone) {
    const output = JSON.stringify(outcome.output ?? null);
    finish(draft, 'Completed', output);
    return { cancelledTimers, result: { ok: true, result: output } };
  }
  draft.instance = { ...draft.instance, status: draft.instance.suspended ? 'Suspended' : 'Running' };
  return { cancelledTimers };
}

/** Start first, since nothing can be told to what does not run; then what takes host-made ids; then the rest, as it came. */
function rank(message: Message): number {
  if (message.kind === 'start') return 0;
  return message.kind === 'task' && takesHostId(message) ? 1 : 2;
}

function takesHostId({ task, result }: Extract<Message, { kind: 'task' }>): boolean {
  if (task.work.kind === 'retry-timer') return task.work.again !== null;
  return !result.ok && 'retry' in task.work && task.work.retry !== undefined;
}

function retryStep(message: Message, at: number): NewWork | undefined {
  if (message.kind !== 'task' || !takesHostId(message)) return undefined;
  const { work } = message.task;
  if (work.kind === 'retry-timer') return work.again === null ? undefined : { work: work.again, dueAt: null };
  return afterFailedAttempt(work, at);
}

function schedule(draft: EpisodeDraft, { work, dueAt }: NewWork, actionIndex: number | null): void {
  const { id: instanceId, executionId, nextTaskId: taskId } = draft.instance;
  const named =
    work.kind === 'sub-orchestration' ? { ...work, instanceId: work.instanceId ?? `${executionId}:${taskId}` } : work;
  const task: Task = { instanceId, executionId, taskId, work: named, dueAt, actionIndex };
  draft.tasks.push(task);
  draft.events.push(taskScheduled(task, draft.at));
  draft.instance = { ...draft.instance, nextTaskId: taskId + 1 };
}

function fail(draft: EpisodeDraft, error: string, failureDetails?: unknown): EpisodeEnd {
  const reason = `Orchestrator function '${draft.instance.name}' failed: ${error}`;
  draft.tasks.length = 0;
  draft.events.push(historyEvent('OrchestratorCompleted', draft.at));
  finish(draft, 'Failed', JSON.stringify(reason));
  const details = failureDetails === undefined ? {} : { failureDetails };
  return { cancelledTimers: [], result: { ok: false, reason, details: '', ...details } };
}

function finish(draft: EpisodeDraft, status: RuntimeStatus, output: string): void {
  draft.instance = { ...draft.instance, status, output };
  draft.events.push(historyEvent('ExecutionCompleted', draft.at, { OrchestrationStatus: status, Result: output }));
}
