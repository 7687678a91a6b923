import { createRequire } from 'node:module';
import { InvocationContext } from '@azure/functions';
import type { OrchestrationContext, RetryOptions, Task } from 'durable-functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginEpisode, endEpisode } from '../../../../../local/host/durable/episode.ts';
import type { Instance, Message, Task as PendingTask } from '../../../../../local/host/durable/instance.ts';
import type { EpisodeOutcome, HistoryEvent } from '../../../../../local/host/worker/messages.ts';
import { OrchestratorRunner } from '../../../../../local/host/worker/orchestration.ts';

type Orchestrator = (context: OrchestrationContext) => Generator<Task, number, unknown>;
type Handler = (trigger: unknown, context: InvocationContext & { df?: object }) => Promise<unknown>;

/** How the SDK makes a function of an orchestrator; it has no types of its own. */
const { createOrchestrator }: { createOrchestrator(orchestrator: Orchestrator): Handler } = createRequire(
  import.meta.url,
)('durable-functions/lib/src/util/testingUtils');

/** One thing an orchestrator may wait for; `failures` of its attempts fail. */
type Wait =
  | { readonly kind: 'activity'; readonly failures: number; readonly attempts: number }
  | { readonly kind: 'timer'; readonly ms: number }
  | { readonly kind: 'all' | 'any'; readonly waits: readonly Wait[] };

/** A race is between a timer and the one long task, which the first race begins and later ones wait for again. */
type Step = Wait | { readonly kind: 'race'; readonly ms: number };

const { wait } = fc.letrec<{ wait: Wait }>(tie => ({
  wait: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('activity'), failures: fc.nat(3), attempts: fc.nat(3) }),
    fc.record({ kind: fc.constant('timer'), ms: fc.nat(50) }),
    fc.record({ kind: fc.constantFrom('all', 'any'), waits: fc.array(tie('wait'), { minLength: 1, maxLength: 4 }) }),
  ) as fc.Arbitrary<Wait>,
}));
const race = fc.record({ kind: fc.constant('race' as const), ms: fc.nat(50) });
const program: fc.Arbitrary<Step[]> = fc.array(fc.oneof(wait, race), { minLength: 1, maxLength: 6 });

describe('task ids', () => {
  it('stay in step with the SDK, whatever completions share an episode', async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.infiniteStream(fc.nat(1000)), async (steps, choices) => {
        await runToEnd(steps, () => Number(choices.next().value));
      }),
      { numRuns: 300 },
    );
  });
});

/** Plays host and worker for one instance, delivering random handfuls of completions, and compares counters after each episode. */
async function runToEnd(steps: readonly Step[], choose: () => number): Promise<void> {
  const sdk = new Sdk(steps);
  let instance = newInstance();
  let history: HistoryEvent[] = [];
  let queue: Message[] = [{ kind: 'start' }];
  const pending: PendingTask[] = [];
  let now = Date.UTC(2026, 0, 1);
  for (let episodes = 0; instance.status !== 'Completed' && instance.status !== 'Failed'; episodes += 1) {
    expect(episodes).toBeLessThan(500);
    now += 1 + (choose() % 20);
    const batch = queue.splice(0, 1 + (choose() % queue.length));
    const draft = beginEpisode(instance, batch, now);
    const scheduledByHost = draft.tasks.length;
    const delivered = draft.events.slice(0, draft.events.length - scheduledByHost);
    const { outcome, sequenceNumber, openTasks } = await sdk.run(instance, [...history, ...delivered]);
    const { cancelledTimers } = endEpisode(draft, outcome, { hasActivity: () => true, hasOrchestrator: () => true });
    instance = draft.instance;
    history = [...history, ...draft.events];
    if (instance.status === 'Completed' || instance.status === 'Failed') return;

    expect(instance.nextTaskId).toBe(sequenceNumber);
    expect(cancelledTimers).toEqual([]);
    pending.push(...draft.tasks);
    const waitedFor = [...pending.map(task => task.taskId), ...queue.map(taskIdOf)];
    expect(waitedFor.toSorted((a, b) => a - b)).toEqual(openTasks);
    // Something must be delivered next, and more may be.
    for (let more = 0; pending.length > 0 && (queue.length === 0 || more % 3 !== 0); more = choose()) {
      const [task] = pending.splice(choose() % pending.length, 1);
      if (task !== undefined) queue.push({ kind: 'task', task, result: resultOf(task) });
    }
    queue = queue.sort(() => (choose() % 2) - 0.5);
    now = Math.max(now, ...queue.map(message => (message.kind === 'task' ? (message.task.dueAt ?? 0) : 0)));
  }
}

function taskIdOf(message: Message): number {
  return message.kind === 'task' ? message.task.taskId : -1;
}

/** The activity's input says how many of its attempts fail. */
function resultOf(task: PendingTask): Extract<Message, { kind: 'task' }>['result'] {
  if (task.work.kind !== 'activity') return { ok: true, result: null };
  const failures = Number(task.work.input);
  const attempt = task.work.retry?.attempt ?? 1;
  return attempt <= failures ? { ok: false, reason: 'failed', details: 'on purpose' } : { ok: true, result: '1' };
}

/** The real SDK, run over a whole history each time, with a look at its own counter. */
class Sdk {
  readonly #steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  async run(
    instance: Instance,
    events: readonly HistoryEvent[],
  ): Promise<{ outcome: EpisodeOutcome; sequenceNumber: number; openTasks: number[] }> {
    const handler = createOrchestrator(this.#orchestrator());
    const context: Parameters<Handler>[1] = new InvocationContext();
    const runner = new OrchestratorRunner({
      run: async ({ triggerArgument }) => ({
        result: await handler(triggerArgument, context),
        response: async () => ({}),
      }),
    });
    const { id, executionId, knownActions } = instance;
    const whole = { instanceId: id, executionId, parentInstanceId: null, input: null, knownActions };
    const outcome = await runner.run('1', 'program', { ...whole, held: 0, events });
    if (typeof outcome === 'symbol') throw new Error('the runner lost a history that it was given whole');
    const { sequenceNumber, openTasks } = Reflect.get(context.df ?? {}, 'taskOrchestratorExecutor');
    return { outcome, sequenceNumber, openTasks: Object.keys(openTasks).map(Number) };
  }

  #orchestrator(): Orchestrator {
    const steps = this.#steps;
    return function* (context) {
      let failures = 0;
      let longTask: Task | undefined;
      for (const step of steps) {
        try {
          if (step.kind === 'race') {
            if (longTask === undefined || longTask.isCompleted) longTask = context.df.callActivity('work', 0);
            yield context.df.Task.any([longTask, taskFor({ ...step, kind: 'timer' }, context)]);
          } else yield taskFor(step, context);
        } catch {
          failures += 1;
        }
      }
      return failures;
    };
  }
}

function taskFor(wait: Wait, context: OrchestrationContext): Task {
  const { df } = context;
  switch (wait.kind) {
    case 'activity': {
      if (wait.attempts === 0) return df.callActivity('work', wait.failures);
      const retry = { firstRetryIntervalInMilliseconds: 1, maxNumberOfAttempts: wait.attempts } as RetryOptions;
      return df.callActivityWithRetry('work', retry, wait.failures);
    }
    case 'timer':
      return df.createTimer(new Date(df.currentUtcDateTime.getTime() + wait.ms));
    default:
      return df.Task[wait.kind](wait.waits.map(child => taskFor(child, context)));
  }
}

function newInstance(): Instance {
  return {
    id: 'instance',
    executionId: 'execution',
    name: 'program',
    version: null,
    input: null,
    status: 'Pending',
    suspended: false,
    output: null,
    customStatus: null,
    createdAt: 0,
    updatedAt: 0,
    parent: null,
    parentId: null,
    nextTaskId: 0,
    knownActions: 0,
    historyLength: 0,
    deliveredLength: 0,
  };
}
