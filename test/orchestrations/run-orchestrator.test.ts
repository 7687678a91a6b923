/** The harness finds what it is there to find. */
import { type OrchestrationHandler, RetryOptions, type Task } from 'durable-functions';
import { describe, expect, test } from 'vitest';
import { runOrchestrator, startMs } from './run-orchestrator.ts';

const twice = new RetryOptions(1000, 2);
const activities = { echo: (input: string) => input, fail: () => fail() };

function fail(): never {
  throw new TypeError('no luck');
}

describe('what it runs', () => {
  test('calls, results, and a clock that moves only with the history', () => {
    const handler: OrchestrationHandler = function* (context) {
      const first = context.df.currentUtcDateTime.getTime();
      const echoed: unknown = yield context.df.callActivityWithRetry('echo', twice, 'a');
      return { echoed, ms: context.df.currentUtcDateTime.getTime() - first, first, id: context.df.instanceId };
    };
    const run = runOrchestrator(handler, { input: null, instanceId: 'one', activities });
    expect(run.output).toEqual({ echoed: 'a', ms: 1000, first: startMs, id: 'one' });
    expect(run.calls).toEqual([{ name: 'echo', input: 'a', retry: twice }]);
  });

  test.each(['oldest', 'newest'] as const)('all, completed %s first: results in the order of the tasks', completes => {
    const handler: OrchestrationHandler = function* ({ df }) {
      return (yield df.Task.all(['a', 'b', 'c'].map(text => df.callActivityWithRetry('echo', twice, text)))) as unknown;
    };
    expect(runOrchestrator(handler, { input: null, activities, completes }).output).toEqual(['a', 'b', 'c']);
  });

  test('any: the first to complete', () => {
    const handler: OrchestrationHandler = function* ({ df }) {
      const tasks = ['a', 'b'].map(text => df.callActivityWithRetry('echo', twice, text));
      const winner = (yield df.Task.any(tasks)) as Task;
      return tasks.indexOf(winner);
    };
    expect(runOrchestrator(handler, { input: null, activities, completes: 'newest' }).output).toBe(1);
  });

  test('an activity is tried as often as its policy says; its error arrives without its class', () => {
    const attempts: number[] = [];
    const handler: OrchestrationHandler = function* ({ df }) {
      try {
        yield df.callActivityWithRetry('fail', twice, null);
        return 'done';
      } catch (error) {
        return { message: (error as Error).message, name: (error as Error).name };
      }
    };
    const noted = (_: null, attempt: number): never => {
      attempts.push(attempt);
      return fail();
    };
    const run = runOrchestrator(handler, { input: null, activities: { fail: noted } });
    expect(run.output).toEqual({ message: "Activity function 'fail' failed:  no luck", name: 'Error' });
    expect(attempts).toEqual([1, 2]);
  });

  test('a sub-orchestration, and the error it ends with', () => {
    const child: OrchestrationHandler = function* ({ df }) {
      const input = df.getInput<string>();
      if (input === 'bad') fail();
      return (yield df.callActivityWithRetry('echo', twice, `${df.instanceId} ${input}`)) as unknown;
    };
    const parent: OrchestrationHandler = function* ({ df }) {
      const good: unknown = yield df.callSubOrchestrator('child', 'good', 'id-1');
      yield df.callSubOrchestrator('child', 'bad', good as string);
    };
    const run = runOrchestrator(parent, { input: null, activities, orchestrators: { child } });
    expect(run.calls.map(call => call.instanceId)).toEqual(['id-1', 'id-1 good']);
    expect(run.error?.message).toBe("Orchestrator function 'child' failed: no luck");
  });
});

describe('what it refuses', () => {
  test('an orchestrator that does not repeat itself', () => {
    let turn = 0;
    const handler: OrchestrationHandler = function* ({ df }) {
      turn += 1;
      yield df.callActivityWithRetry('echo', twice, `turn ${turn}`);
    };
    expect(() => runOrchestrator(handler, { input: null, activities })).toThrow('schedules the same calls');
  });

  test('a Date that would arrive as text', () => {
    const handler: OrchestrationHandler = function* ({ df }) {
      yield df.callActivityWithRetry('echo', twice, { at: df.currentUtcDateTime });
    };
    const run = runOrchestrator(handler, { input: null, activities });
    expect(run.error?.message).toContain('plain JSON');
  });

  test('a compound task of nothing', () => {
    const handler: OrchestrationHandler = function* ({ df }) {
      yield df.Task.all([]);
    };
    expect(runOrchestrator(handler, { input: null, activities }).error?.message).toContain('at least one task');
  });
});
