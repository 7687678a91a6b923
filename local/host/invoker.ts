import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionDefinition } from './functions.ts';
import type { HostLog } from './log.ts';
import type { RpcDuration, RpcRequest, RpcResponse, RpcRetryOptions, RpcTypedData } from './worker/messages.ts';
import { InvocationError, type WorkerProcess } from './worker-process.ts';
import type { WorkerSupervisor } from './worker-supervisor.ts';

/** What a trigger hands to its function. */
export interface TriggerData {
  /** The value for the trigger's argument. */
  readonly data: RpcTypedData;
  readonly metadata?: Record<string, RpcTypedData>;
  /** Why the function runs, as the log says it. */
  readonly reason: string;
}

/** Gives the value of an input binding of this type, or undefined when it is not one it knows. */
export type InputSource = (bindingType: string) => RpcTypedData | undefined;

/** Runs functions on the worker and logs each run as `func start` does. */
export class FunctionInvoker {
  readonly #workers: WorkerSupervisor;
  readonly #log: HostLog;
  readonly #inputs: InputSource;

  constructor(workers: WorkerSupervisor, log: HostLog, inputs: InputSource) {
    this.#workers = workers;
    this.#log = log;
    this.#inputs = inputs;
  }

  /** @throws InvocationError what the function threw, after its retries; WorkerLostError when the worker ended meanwhile. */
  async invoke(fn: FunctionDefinition, trigger: TriggerData): Promise<RpcResponse> {
    for (let retryCount = 0; ; retryCount += 1) {
      try {
        const response = await this.#invokeOnce(fn, trigger, retryCount);
        for (const output of response.outputData ?? []) this.#logOutput(fn, output);
        return response;
      } catch (error) {
        const delayMs = error instanceof InvocationError ? retryDelayMs(fn.retryOptions, retryCount) : undefined;
        if (delayMs === undefined) throw error;
        await sleep(delayMs, undefined, { ref: false });
      }
    }
  }

  /** Runs `work` on the worker between the two log lines of an invocation, and hands it the invocation's id. */
  async logged<T>(
    fn: FunctionDefinition,
    reason: string,
    work: (worker: WorkerProcess, id: string) => Promise<T>,
  ): Promise<T> {
    const id = randomUUID();
    this.#log.info(`Executing 'Functions.${fn.name}' (Reason='${reason}', Id=${id})`);
    const started = performance.now();
    const end = (how: string): string =>
      `Executed 'Functions.${fn.name}' (${how}, Id=${id}, Duration=${Math.round(performance.now() - started)}ms)`;
    try {
      const result = await this.#workers.use(worker => work(worker, id));
      this.#log.info(end('Succeeded'));
      return result;
    } catch (error) {
      this.#log.error(end('Failed'));
      this.#log.error(`Exception while executing function: Functions.${fn.name}. ${stackOf(error)}`);
      throw error;
    }
  }

  #invokeOnce(fn: FunctionDefinition, trigger: TriggerData, retryCount: number): Promise<RpcResponse> {
    const inputData = [{ name: fn.trigger.name, data: trigger.data }];
    for (const binding of fn.bindings) {
      const data = binding.direction === 'in' && binding !== fn.trigger ? this.#inputs(binding.type) : undefined;
      if (data !== undefined) inputData.push({ name: binding.name, data });
    }
    const maxRetryCount = fn.retryOptions?.maxRetryCount;
    const request: RpcRequest = {
      inputData,
      ...(trigger.metadata === undefined ? {} : { triggerMetadata: trigger.metadata }),
      ...(maxRetryCount === undefined ? {} : { retryContext: { retryCount, maxRetryCount } }),
    };
    return this.logged(fn, trigger.reason, (worker, id) => worker.invoke(fn.id, request, id));
  }

  #logOutput(fn: FunctionDefinition, output: { readonly name: string; readonly data: RpcTypedData }): void {
    const type = fn.bindings.find(binding => binding.name === output.name)?.type ?? 'unknown';
    const value = output.data.string ?? output.data.json ?? JSON.stringify(output.data);
    this.#log.warning(`Output "${type}" of function ${fn.name} is not delivered by this host; its value was: ${value}`);
  }
}

/** How long to wait before retry number `retryCount + 1`; undefined when there is to be none. */
function retryDelayMs(options: RpcRetryOptions | undefined, retryCount: number): number | undefined {
  if (options === undefined) return undefined;
  if (options.maxRetryCount >= 0 && retryCount >= options.maxRetryCount) return undefined;
  if (options.retryStrategy === 'fixedDelay') return milliseconds(options.delayInterval);
  const least = milliseconds(options.minimumInterval);
  return Math.min(least * 2 ** retryCount, milliseconds(options.maximumInterval));
}

function milliseconds(duration: RpcDuration | undefined): number {
  return Number(duration?.seconds ?? 0) * 1000 + (duration?.nanos ?? 0) / 1e6;
}

function stackOf(error: unknown): string {
  if (error instanceof InvocationError) return error.remoteStack ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
