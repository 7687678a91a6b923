import { app, InvocationContext, type Timer, type TimerFunctionOptions } from '@azure/functions';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerTimers } from '../../../functions/triggers/timer-pipelines.ts';
import { type DurableApi, startDurableApi } from './durable-api.ts';
import { testServices } from './test-services.ts';

const timers = new Map<string, TimerFunctionOptions>();
const logged: string[] = [];
let durable: DurableApi;

beforeEach(async () => {
  logged.length = 0;
  // Outside a host a registration goes nowhere; here it is kept, so that the handler can be called as the host would.
  vi.spyOn(app, 'timer').mockImplementation((name, options) => {
    timers.set(name, options);
  });
  durable = await startDurableApi();
  registerTimers(testServices());
});

afterEach(async () => {
  vi.restoreAllMocks();
  await durable.close();
});

async function fire(name: string): Promise<void> {
  const { handler, extraInputs = [] } = timers.get(name) as TimerFunctionOptions;
  const context = new InvocationContext({
    functionName: name,
    options: { extraInputs } as unknown as InvocationContext['options'],
    logHandler: (level, ...args) => logged.push(`${level}: ${args.join(' ')}`),
  });
  for (const input of extraInputs) context.extraInputs.set(input, durable.binding);
  await handler({} as Timer, context);
}

test('each pipeline has a timer, whose schedule is a setting', () => {
  expect([...timers].map(([name, { schedule }]) => [name, schedule])).toEqual([
    ['timer-youflix', '%YOUFLIX_SCHEDULE%'],
    ['timer-imdb', '%IMDB_SCHEDULE%'],
    ['timer-tmdb', '%TMDB_SCHEDULE%'],
  ]);
});

test('it starts an incremental run of all tables', async () => {
  await fire('timer-youflix');
  const [run] = durable.instances.values();
  expect(run).toMatchObject({
    name: 'youflix',
    input: { request: { mode: 'incremental', tables: ['plans', 'users', 'subscriptions'], range: null } },
  });
});

test('while a run is under way it starts none, says so, and does not fail', async () => {
  await fire('timer-youflix');
  await fire('timer-youflix');
  expect(durable.instances.size).toBe(1);
  expect(logged.at(-1)).toMatch(/^warning: not started: a run of youflix is under way/);
});

test('any other trouble fails the invocation, so that it shows', async () => {
  await durable.close();
  await expect(fire('timer-youflix')).rejects.toThrow();
  durable = await startDurableApi();
});
