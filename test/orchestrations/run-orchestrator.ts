/**
 * Runs an orchestrator in memory the way the Functions host does: every episode starts the generator over and feeds it the whole
 * history, and only then does one more call complete. So each prefix of the history is replayed, and each replay must schedule
 * the very same calls again.
 *
 * A double of the durable context, not an engine: activities and sub-orchestrations complete one at a time, retry intervals pass in
 * no time, and of the context only what our orchestrators use is there.
 */
import {
  DummyOrchestrationContext,
  type OrchestrationContext,
  type OrchestrationHandler,
  type RetryOptions,
  type Task,
} from 'durable-functions';
import { expect } from 'vitest';

export interface RunOptions {
  readonly input: unknown;
  readonly instanceId?: string;
  /** Called with the input and the number of the attempt, from 1. What they throw is retried as the call's policy says. */
  readonly activities: Readonly<Record<string, (input: never, attempt: number) => unknown>>;
  readonly orchestrators?: Readonly<Record<string, OrchestrationHandler>>;
  /** Which of the open calls completes next. Default `oldest`. */
  readonly completes?: 'oldest' | 'newest';
}

export interface Call {
  readonly name: string;
  readonly input: unknown;
  /** Of a sub-orchestration. */
  readonly instanceId?: string;
  /** Of an activity that is retried. */
  readonly retry?: RetryOptions;
}

export interface OrchestratorRun {
  /** What the orchestrator returned; undefined when it threw. */
  readonly output: unknown;
  readonly error: Error | undefined;
  /** What it scheduled, in order. */
  readonly calls: readonly Call[];
}

interface Completion {
  /** Position of the call in `calls`. */
  readonly call: number;
  readonly atMs: number;
  readonly result: { readonly value: unknown } | { readonly error: Error };
}

interface Episode extends OrchestratorRun {
  readonly ended: boolean;
}

interface DoubleTask extends Task {
  readonly children: readonly DoubleTask[];
  readonly combine: 'all' | 'any' | undefined;
  readonly call: Call | undefined;
  scheduledAs: number | undefined;
}

/** The first instant of every run here; each completion comes a second after the one before. */
export const startMs = Date.UTC(2026, 0, 31, 12);

export function runOrchestrator(handler: OrchestrationHandler, options: RunOptions): OrchestratorRun {
  const history: Completion[] = [];
  let before = episode(handler, options, history);
  while (!before.ended) {
    const done = new Set(history.map(({ call }) => call));
    const open = [...before.calls.keys()].filter(index => !done.has(index));
    const next = options.completes === 'newest' ? open.at(-1) : open[0];
    if (next === undefined) throw new Error('the orchestrator waits, but for nothing that could complete');
    const atMs = startMs + (history.length + 1) * 1000;
    history.push({ call: next, atMs, result: complete(before.calls[next] as Call, options) });
    const after = episode(handler, options, history);
    expect(after.calls.slice(0, before.calls.length), 'a replay schedules the same calls').toEqual(before.calls);
    before = after;
  }
  return before;
}

/** One pass of the generator over a history. */
function episode(handler: OrchestrationHandler, options: RunOptions, history: readonly Completion[]): Episode {
  const calls: Call[] = [];
  const leaves: DoubleTask[] = [];
  const context = doubleContext(options);
  const generator = handler(context);
  const waiting = [...history];

  const schedule = (task: DoubleTask): void => {
    for (const child of task.children) schedule(child);
    if (task.call === undefined || task.scheduledAs !== undefined) return;
    task.scheduledAs = calls.length;
    calls.push(task.call);
    leaves.push(task);
  };

  try {
    let step = generator.next();
    while (!step.done) {
      const awaited = step.value as DoubleTask;
      schedule(awaited);
      while (!isSettled(awaited)) {
        const event = waiting.shift();
        if (event === undefined) return { ended: false, output: undefined, error: undefined, calls };
        context.df.currentUtcDateTime = new Date(event.atMs);
        settle(leaves[event.call] as DoubleTask, event.result);
      }
      step = awaited.isFaulted ? generator.throw(awaited.result) : generator.next(awaited.result);
    }
    return { ended: true, output: asJson(step.value), error: undefined, calls };
  } catch (error) {
    return { ended: true, output: undefined, error: error as Error, calls };
  }
}

function doubleContext(options: RunOptions): OrchestrationContext {
  const task = (parts: Partial<DoubleTask>): DoubleTask => ({
    isCompleted: false,
    isFaulted: false,
    children: [],
    combine: undefined,
    call: undefined,
    scheduledAs: undefined,
    ...parts,
  });
  const compound = (combine: 'all' | 'any', children: readonly Task[]): Task => {
    // As the SDK.
    if (children.length === 0) throw new Error('a compound task needs at least one task');
    return task({ combine, children: children as readonly DoubleTask[] });
  };
  const df = {
    instanceId: options.instanceId ?? 'instance',
    currentUtcDateTime: new Date(startMs),
    getInput: () => asJson(options.input),
    callActivityWithRetry: (name: string, retry: RetryOptions, input: unknown) =>
      task({ call: { name, input: asJson(input), retry } }),
    callSubOrchestrator: (name: string, input: unknown, instanceId: string) =>
      task({ call: { name, input: asJson(input), instanceId } }),
    Task: {
      all: (children: readonly Task[]) => compound('all', children),
      any: (children: readonly Task[]) => compound('any', children),
    },
  };
  return Object.assign(new DummyOrchestrationContext(), { df: df as unknown as OrchestrationContext['df'] });
}

/** Completed or faulted. A compound task takes its state from its children; `all` faults with the first that does. */
function isSettled(task: DoubleTask): boolean {
  if (task.combine === undefined || task.isCompleted || task.isFaulted) return task.isCompleted || task.isFaulted;
  const settled = task.children.filter(isSettled);
  const faulted = settled.find(child => child.isFaulted);
  if (task.combine === 'any' && settled[0] !== undefined) settle(task, { value: settled[0] });
  if (task.combine === 'all' && faulted !== undefined) settle(task, { error: faulted.result as Error });
  if (task.combine === 'all' && settled.length === task.children.length && faulted === undefined)
    settle(task, { value: task.children.map(child => child.result) });
  return task.isCompleted || task.isFaulted;
}

function settle(task: DoubleTask, result: Completion['result']): void {
  task.isFaulted = 'error' in result;
  task.isCompleted = !task.isFaulted;
  task.result = 'error' in result ? result.error : result.value;
}

/** Carries a call out. An error loses its class on the way, as it does in the host. */
function complete(call: Call, options: RunOptions): Completion['result'] {
  const child = options.orchestrators?.[call.name];
  if (child) {
    const run = runOrchestrator(child, { ...options, input: call.input, instanceId: call.instanceId ?? 'child' });
    if (run.error === undefined) return { value: run.output };
    return { error: new Error(`Orchestrator function '${call.name}' failed: ${run.error.message}`) };
  }
  const activity = options.activities[call.name];
  if (!activity) throw new Error(`the run has no activity or orchestrator ${call.name}`);
  const attempts = call.retry?.maxNumberOfAttempts ?? 1;
  for (let attempt = 1; ; attempt++) {
    let value: unknown;
    try {
      value = activity(call.input as never, attempt);
    } catch (error) {
      if (attempt < attempts) continue;
      return { error: new Error(`Activity function '${call.name}' failed:  ${(error as Error).message}`) };
    }
    return { value: asJson(value) };
  }
}

/** What crosses between an orchestrator and its calls is plain JSON: a `Date` or a `bigint` fails here. */
function asJson<T>(value: T): T {
  if (value === undefined) return value;
  const copy = JSON.parse(JSON.stringify(value)) as T;
  expect(copy, 'what crosses an orchestrator is plain JSON').toEqual(value);
  return copy;
}
