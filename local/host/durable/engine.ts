import type { HostLog } from '../log.ts';
import type { Episode, EpisodeOutcome } from '../worker/messages.ts';
import type { KnownFunctions } from './actions.ts';
import { beginEpisode, type EpisodeDraft } from './episode.ts';
import { isEnded, isExecuted, type QueuedMessage, type Task, type TaskResult } from './instance.ts';
import type { DurableStore } from './store.ts';
import { commitEpisode, endTask, fireTimers } from './transitions.ts';

/** What runs the app's code for the engine. */
export interface DurableRunner extends KnownFunctions {
  /** Undefined when the worker no longer holds the history. @throws Error when nobody knows whether the episode ran. */
  orchestrate(name: string, episode: Episode): Promise<EpisodeOutcome | undefined>;
  /** Runs an activity or an HTTP call. @throws Error when nobody knows how far it got; its own failure is a result. */
  execute(task: Task): Promise<TaskResult>;
}

/** How much may go on at once. */
export interface EngineLimits {
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
}

/** setTimeout fires at once beyond this. */
const longestTimeoutMs = 2 ** 31 - 1;
/** Before work that a lost worker cut short is begun again. */
const againAfterMs = 100;

/**
 * Carries orchestrations on: one episode per instance at a time, activities as many as allowed. Everything it decides is stored
 * in the same transaction as what it was decided from, so a process that is killed continues where the store stands; activities
 * that were running run again.
 */
export class DurableEngine {
  readonly store: DurableStore;
  readonly #runner: DurableRunner;
  readonly #limits: EngineLimits;
  readonly #log: HostLog;
  readonly #ready = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #runnable: Task[] = [];
  /** Orchestrators whose authors were told that they do what Azure does not bear. */
  readonly #warned = new Set<string>();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(store: DurableStore, runner: DurableRunner, limits: EngineLimits, log: HostLog) {
    this.store = store;
    this.#runner = runner;
    this.#limits = limits;
    this.#log = log;
  }

  /** Takes up everything that the store says is unfinished. */
  start(): void {
    this.#runnable.push(...this.store.runnableTasks().filter(isExecuted));
    for (const id of this.store.instancesWithMessages()) this.#ready.add(id);
    this.#advance();
  }

  /** Begins nothing more. What runs on is not waited for: its end is void, and it is begun again at the next start. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Something waits for this instance, or it was resumed. */
  wake(instanceId: string): void {
    this.#ready.add(instanceId);
    this.#advance();
  }

  #advance(): void {
    if (this.#stopped) return;
    for (const id of this.#ready) {
      if (this.#busy.size >= this.#limits.maxConcurrentOrchestrators) break;
      if (this.#busy.has(id)) continue;
      this.#ready.delete(id);
      this.#busy.add(id);
      void this.#runEpisode(id).finally(() => {
        this.#busy.delete(id);
        this.#advance();
      });
    }
    while (this.#running < this.#limits.maxConcurrentActivities) {
      const task = this.#runnable.shift();
      if (task === undefined) break;
      this.#running += 1;
      void this.#execute(task).finally(() => {
        this.#running -= 1;
        this.#advance();
      });
    }
    this.#armTimer();
  }

  async #runEpisode(id: string): Promise<void> {
    try {
      const begun = this.#beginEpisode(id);
      if (begun === undefined) return;
      const outcome = await this.#orchestrate(begun.draft);
      if (this.#stopped) return;
      const { wake, runnable } = this.store.transaction(() =>
        commitEpisode(this.store, begun.draft, begun.queued, outcome, this.#runner),
      );
      this.#runnable.push(...runnable);
      for (const instanceId of wake) this.#ready.add(instanceId);
    } catch (error) {
      this.#later(`Orchestration ${id} could not be carried on`, error, () => this.#ready.add(id));
    }
  }

  #beginEpisode(id: string): { draft: EpisodeDraft; queued: readonly QueuedMessage[] } | undefined {
    const instance = this.store.instance(id);
    const queued = this.store.messages(id);
    if (instance === undefined || instance.suspended || isEnded(instance.status) || queued.length === 0)
      return undefined;
    const messages = queued.map(({ message }) => message);
    // What an earlier generation began is void.
    const current = messages.filter(
      message => message.kind !== 'task' || message.task.executionId === instance.executionId,
    );
    return { draft: beginEpisode(instance, current, Date.now()), queued };
  }

  async #orchestrate(draft: EpisodeDraft): Promise<EpisodeOutcome> {
    const { instance } = draft;
    const episode = {
      instanceId: instance.id,
      executionId: instance.executionId,
      parentInstanceId: instance.parentId,
      input: instance.input,
      knownActions: instance.knownActions,
    };
    const send = (held: number): Promise<EpisodeOutcome | undefined> => {
      const played = this.store.history(instance.executionId, held).map(event => ({ ...event, IsPlayed: true }));
      const events = [...played, ...draft.events.slice(0, delivered)];
      return this.#runner.orchestrate(instance.name, { ...episode, held, events });
    };
    const delivered = draft.events.length - draft.tasks.length;
    draft.instance = { ...instance, deliveredLength: instance.historyLength + delivered };
    const outcome = (await send(instance.deliveredLength)) ?? (await send(0));
    if (outcome === undefined) throw new Error(`the worker did not take the history of ${instance.id}`);
    if (outcome.repeatedTask) this.#warnOfRepeatedTask(instance.name);
    return outcome;
  }

  #warnOfRepeatedTask(name: string): void {
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    this.#log.warning(
      `Orchestrator ${name} waits for a task a second time. That works here, but on Azure the task is started twice (durable-js issue 574).`,
    );
  }

  async #execute(task: Task): Promise<void> {
    try {
      // Its orchestration may have ended while it queued.
      if (this.store.task(task) === undefined) return;
      const result = await this.#runner.execute(task);
      if (!this.#stopped) this.store.transaction(() => endTask(this.store, task, result, this.#ready));
    } catch (error) {
      this.#later(`A task of orchestration ${task.instanceId} was cut short`, error, () => this.#runnable.push(task));
    }
  }

  #later(what: string, error: unknown, again: () => void): void {
    if (this.#stopped) return;
    this.#log.error(`${what}: ${String(error)}. It is tried again.`);
    setTimeout(() => {
      again();
      this.#advance();
    }, againAfterMs).unref();
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const next = this.store.nextTimerAt();
    if (next === undefined) return;
    const delay = Math.min(Math.max(next - Date.now(), 0), longestTimeoutMs);
    this.#timer = setTimeout(() => this.#fireTimers(), delay);
  }

  #fireTimers(): void {
    this.store.transaction(() => fireTimers(this.store, Date.now(), this.#ready));
    this.#advance();
  }
}
