import type { Invoker } from './invocation.ts';
import type { Episode, EpisodeOutcome, OrchestratorAction } from './messages.ts';

/** What a durable orchestrator returns, or hides in the message of the error it throws (SDK `OrchestratorState`). */
interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly OrchestratorAction[])[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
  readonly failureDetails?: unknown;
}

/** The SDK puts its state after this label when an orchestrator fails (SDK `OrchestrationFailureError`). */
const failureLabel = '\n\n$OutOfProcData$:';
const createTimer = 5;
/** Replay schema V4, the newest the SDK knows. */
const schemaVersion = 3;
/** Histories of this many executions are held; an older one is sent again when it is needed. */
const heldExecutions = 500;

/** The history at hand is not what the host thinks it is; the host answers by sending all of it. */
export const historyMissing = Symbol('history missing');

/** Runs orchestrators. Histories stay here between episodes, so that a long one does not cross the channel each time. */
export class OrchestratorRunner {
  readonly #invoker: Pick<Invoker, 'run'>;
  readonly #histories = new Map<string, Record<string, unknown>[]>();

  constructor(invoker: Pick<Invoker, 'run'>) {
    this.#invoker = invoker;
  }

  async run(id: string, functionId: string, episode: Episode): Promise<EpisodeOutcome | typeof historyMissing> {
    const history = this.#extendHistory(episode);
    if (history === undefined) return historyMissing;
    const payload = {
      history,
      // Decoded afresh each time: the SDK and the app may change it.
      input: episode.input === null ? null : JSON.parse(episode.input),
      instanceId: episode.instanceId,
      isReplaying: false,
      parentInstanceId: episode.parentInstanceId,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: schemaVersion,
      longRunningTimerIntervalDuration: '3.00:00:00',
      // A century: the SDK then leaves the splitting of long timers to the host, which has no need of it.
      maximumShortTimerDuration: '36500.00:00:00',
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    };
    const invocation = { id, functionId, request: { inputData: [] }, triggerArgument: payload };
    let outcome: EpisodeOutcome;
    try {
      const { result } = await this.#invoker.run(invocation);
      outcome = readState(result, episode.knownActions);
    } catch (error) {
      outcome = readFailure(error);
    }
    if (outcome.isDone || outcome.error !== undefined) this.#histories.delete(episode.executionId);
    return outcome;
  }

  #extendHistory(episode: Episode): Record<string, unknown>[] | undefined {
    const held = episode.held === 0 ? [] : this.#histories.get(episode.executionId);
    if (held?.length !== episode.held) return undefined;
    for (const event of held) event['IsPlayed'] = true;
    for (const event of episode.events) held.push({ ...event });
    // Set again so that the map's order is that of last use.
    this.#histories.delete(episode.executionId);
    this.#histories.set(episode.executionId, held);
    if (this.#histories.size > heldExecutions) {
      const [oldest] = this.#histories.keys();
      if (oldest !== undefined) this.#histories.delete(oldest);
    }
    return held;
  }
}

/** @throws Error when the function did not return an orchestrator's state. */
function readState(result: unknown, knownActions: number): EpisodeOutcome {
  if (!isState(result)) {
    throw new Error(
      'the orchestration function returned no orchestrator state; was it registered with df.app.orchestration?',
    );
  }
  const { actions, repeated } = flatten(result.actions[0] ?? []);
  return {
    isDone: result.isDone,
    newActions: toPlain(actions.slice(knownActions)),
    cancelledTimers: actions.flatMap((action, index) =>
      action.actionType === createTimer && action['isCanceled'] === true ? [index] : [],
    ),
    repeatedTask: repeated,
    output: toPlain(result.output),
    customStatus: toPlain(result.customStatus),
  };
}

/**
 * Lists single actions depth first. A task yielded again appears again, as the same object: it is one action, and only here,
 * before JSON, can that be seen.
 */
function flatten(actions: readonly OrchestratorAction[]): { actions: OrchestratorAction[]; repeated: boolean } {
  const seen = new Set<OrchestratorAction>();
  let repeated = false;
  const visit = (action: OrchestratorAction): void => {
    const children = action['compoundActions'];
    if (Array.isArray(children)) children.forEach(visit);
    else if (seen.has(action)) repeated = true;
    else seen.add(action);
  };
  actions.forEach(visit);
  return { actions: [...seen], repeated };
}

function readFailure(error: unknown): EpisodeOutcome {
  const message = error instanceof Error ? error.message : String(error);
  const label = message.indexOf(failureLabel);
  const state: unknown = label < 0 ? undefined : JSON.parse(message.slice(label + failureLabel.length));
  const failed = { isDone: false, newActions: [], cancelledTimers: [], repeatedTask: false };
  if (!isState(state)) return { ...failed, error: message };
  return {
    ...failed,
    error: state.error ?? 'unknown error',
    customStatus: state.customStatus,
    failureDetails: state.failureDetails,
  };
}

function isState(value: unknown): value is OrchestratorState {
  return typeof value === 'object' && value !== null && 'isDone' in value && 'actions' in value;
}

/** As JSON would have it: dates become text, class instances plain objects, so that they survive the channel. */
function toPlain<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}
