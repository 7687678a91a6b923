import type { DurableEngine } from './engine.ts';
import { historyEvent } from './history.ts';
import { type Instance, isEnded } from './instance.ts';
import type { InstanceFilter } from './store.ts';
import { createInstance } from './transitions.ts';

/** Why an operation on an instance was refused; the status code is the one of the durable HTTP API. */
export class InstanceError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'InstanceError';
    this.status = status;
  }
}

/** What clients may do with instances. Each operation is stored when it returns. */
export class DurableInstances {
  readonly #engine: DurableEngine;

  constructor(engine: DurableEngine) {
    this.#engine = engine;
  }

  /** @throws InstanceError 400 for an id the service refuses, 500 (as the service) when that instance has not ended. */
  start(name: string, input: string | null, instanceId?: string, version?: string): Instance {
    if (instanceId !== undefined) checkId(instanceId);
    const { store } = this.#engine;
    const instance = store.transaction(() => {
      const earlier = instanceId === undefined ? undefined : store.instance(instanceId);
      if (earlier !== undefined && !isEnded(earlier.status)) {
        throw new InstanceError(500, `An Orchestration instance with the status ${earlier.status} already exists.`);
      }
      return createInstance(store, { name, input, instanceId, version });
    });
    this.#engine.wake(instance.id);
    return instance;
  }

  /** @throws InstanceError 404. */
  get(id: string): Instance {
    const instance = this.#engine.store.instance(id);
    if (instance === undefined) throw new InstanceError(404, `No instance with ID '${id}' found.`);
    return instance;
  }

  /** @throws InstanceError 404, or 410 when it has ended. */
  raiseEvent(id: string, name: string, input: string | undefined): void {
    this.#change(id, () => this.#engine.store.putMessage(id, { kind: 'event', name, input }));
  }

  /** Ends the instance at once; what it started is discarded, its sub-orchestrations go on. @throws as `raiseEvent`. */
  terminate(id: string, reason: string): void {
    this.#change(id, instance => {
      const { store } = this.#engine;
      const now = Date.now();
      const event = historyEvent('ExecutionTerminated', now, { Input: reason });
      store.appendHistory(instance.executionId, instance.historyLength, [event]);
      store.clearTasks(instance.executionId);
      store.clearMessages(id);
      const historyLength = instance.historyLength + 1;
      const output = JSON.stringify(reason);
      store.putInstance({ ...instance, status: 'Terminated', output, updatedAt: now, historyLength });
    });
  }

  /** Keeps everything that happens to the instance for later. @throws as `raiseEvent`. */
  suspend(id: string, reason: string): void {
    this.#setSuspended(id, true, reason);
  }

  /** @throws as `raiseEvent`. */
  resume(id: string, reason: string): void {
    this.#setSuspended(id, false, reason);
  }

  /** Starts the instance's function again with its first input; under a new id if asked. @throws InstanceError 400 when it is unknown; as `start`. */
  restart(id: string, withNewId: boolean): Instance {
    const earlier = this.#engine.store.instance(id);
    if (earlier === undefined) throw new InstanceError(400, `No instance with ID '${id}' found to restart.`);
    const { name, input, version } = earlier;
    return this.start(name, input, withNewId ? undefined : id, version ?? undefined);
  }

  /** Forgets one ended instance. @throws InstanceError 404, also for one that has not ended. */
  purge(id: string): void {
    const instance = this.get(id);
    if (!isEnded(instance.status))
      throw new InstanceError(404, `Instance '${id}' is ${instance.status} and cannot be purged.`);
    this.#engine.store.transaction(() => this.#engine.store.deleteInstance(instance));
  }

  /** Forgets all ended instances that fit; gives their number. */
  purgeAll(filter: InstanceFilter): number {
    const { store } = this.#engine;
    return store.transaction(() => {
      const ended = store.instances(filter, Number.MAX_SAFE_INTEGER).filter(instance => isEnded(instance.status));
      for (const instance of ended) store.deleteInstance(instance);
      return ended.length;
    });
  }

  list(filter: InstanceFilter, limit: number, after: string): Instance[] {
    return this.#engine.store.instances(filter, limit, after);
  }

  #setSuspended(id: string, suspended: boolean, reason: string): void {
    this.#change(id, instance => {
      if (instance.suspended === suspended) return;
      const status = suspended ? 'Suspended' : instance.historyLength === 0 ? 'Pending' : 'Running';
      this.#engine.store.putInstance({ ...instance, suspended, status, updatedAt: Date.now() });
      this.#engine.store.putMessage(id, { kind: suspended ? 'suspended' : 'resumed', reason });
    });
  }

  #change(id: string, change: (instance: Instance) => void): void {
    this.#engine.store.transaction(() => {
      const instance = this.get(id);
      if (isEnded(instance.status)) throw new InstanceError(410, `Instance '${id}' has ended: ${instance.status}.`);
      change(instance);
    });
    this.#engine.wake(id);
  }
}

/** Ids become parts of URLs and storage keys (EXT `DurableClient.cs`). */
function checkId(id: string): void {
  if (id.length > 256 || /[/\\#?\p{Cc}]/u.test(id) || id.startsWith('@')) {
    throw new InstanceError(
      400,
      `Instance id '${id.slice(0, 80)}' is refused: at most 256 characters, none of / \\ # ? or control characters, no leading @.`,
    );
  }
}
