import type { FunctionDefinition } from '../functions.ts';
import type { FunctionInvoker } from '../invoker.ts';
import type { Episode, EpisodeOutcome, RpcTypedData } from '../worker/messages.ts';
import { InvocationError } from '../worker-process.ts';
import { callHttp } from './call-http.ts';
import type { DurableRunner } from './engine.ts';
import type { Task, TaskResult } from './instance.ts';

/** What the log gives as the reason of a durable function's run, as the extension does. */
const reasonText = '(null)';

/** An orchestrator threw: an outcome to the engine, a failed invocation to the log. */
class OrchestratorFailed extends Error {
  readonly outcome: EpisodeOutcome;

  constructor(outcome: EpisodeOutcome) {
    super(outcome.error);
    this.name = 'OrchestratorFailed';
    this.outcome = outcome;
  }
}

/** Runs orchestrators and activities of the app for the engine. Names match without regard to case, as in the extension. */
export class AppRunner implements DurableRunner {
  readonly #invoker: FunctionInvoker;
  readonly #orchestrators: ReadonlyMap<string, FunctionDefinition>;
  readonly #activities: ReadonlyMap<string, FunctionDefinition>;

  constructor(functions: readonly FunctionDefinition[], invoker: FunctionInvoker) {
    this.#invoker = invoker;
    this.#orchestrators = byName(functions, 'orchestrationtrigger');
    this.#activities = byName(functions, 'activitytrigger');
  }

  hasActivity(name: string): boolean {
    return this.#activities.has(name.toLowerCase());
  }

  hasOrchestrator(name: string): boolean {
    return this.#orchestrators.has(name.toLowerCase());
  }

  async orchestrate(name: string, episode: Episode): Promise<EpisodeOutcome | undefined> {
    const fn = this.#orchestrators.get(name.toLowerCase());
    if (fn === undefined)
      return failed(`The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
    try {
      return await this.#invoker.logged(fn, reasonText, async (worker, id) => {
        const outcome = await worker.orchestrate(fn.id, episode, id);
        if (outcome?.error !== undefined) throw new OrchestratorFailed(outcome);
        return outcome;
      });
    } catch (error) {
      if (error instanceof OrchestratorFailed) return error.outcome;
      if (error instanceof InvocationError) return failed(error.message);
      throw error;
    }
  }

  async execute(task: Task): Promise<TaskResult> {
    const { work } = task;
    if (work.kind === 'http') return callHttp(work.request);
    if (work.kind !== 'activity') throw new Error(`a task of kind ${work.kind} is not for the app to execute`);
    const fn = this.#activities.get(work.name.toLowerCase());
    if (fn === undefined)
      return activityFailed(work.name, { message: `no activity function of that name is registered` });
    const data: RpcTypedData = work.input === undefined ? {} : { string: work.input };
    try {
      const metadata = { instanceId: { string: task.instanceId }, data };
      const response = await this.#invoker.invoke(fn, { data, metadata, reason: reasonText });
      return { ok: true, result: asJson(response.returnValue) };
    } catch (error) {
      if (error instanceof InvocationError) return activityFailed(work.name, error);
      throw error;
    }
  }
}

function byName(functions: readonly FunctionDefinition[], triggerType: string): Map<string, FunctionDefinition> {
  const chosen = functions.filter(fn => fn.triggerType === triggerType && !fn.disabled);
  return new Map(chosen.map(fn => [fn.name.toLowerCase(), fn]));
}

function failed(error: string): EpisodeOutcome {
  return { isDone: false, newActions: [], cancelledTimers: [], repeatedTask: false, error };
}

/** Words as the extension's: two blanks, since the worker's text begins with one. */
function activityFailed(name: string, error: { message: string; remoteStack?: string | undefined }): TaskResult {
  const details = failureDetails(error.message);
  return {
    ok: false,
    reason: `Activity function '${name}' failed:  ${error.message}`,
    details: error.remoteStack ?? '',
    ...(details === undefined ? {} : { failureDetails: details }),
  };
}

/** With an exception properties provider the SDK makes the error's message a JSON object; it becomes `FailureDetails`. */
function failureDetails(message: string): Record<string, unknown> | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    const { errorType, errorMessage, stackTrace, isNonRetriable, properties } = JSON.parse(message);
    if (typeof errorType !== 'string' || typeof errorMessage !== 'string') return undefined;
    return {
      ErrorType: errorType,
      ErrorMessage: errorMessage,
      StackTrace: stackTrace ?? null,
      IsNonRetriable: isNonRetriable ?? false,
      Properties: properties ?? null,
      InnerFailure: null,
    };
  } catch {
    return undefined;
  }
}

/** A function's return value as JSON text. */
function asJson(value: RpcTypedData | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (value.json !== undefined) return value.json;
  if (value.bytes !== undefined) return JSON.stringify(Buffer.from(value.bytes).toString('base64'));
  return JSON.stringify(value.string ?? value.int ?? value.double ?? null);
}
