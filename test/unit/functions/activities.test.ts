import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { registerActivity } from '../../../functions/activities/activity.ts';
import { registerCommitWatermark } from '../../../functions/activities/commit-watermark.ts';
import { registerRecordRun } from '../../../functions/activities/record-run.ts';
import { sourceTable } from '../../../functions/activities/source-table.ts';
import type { Services } from '../../../functions/services.ts';
import { systemClock } from '../../../shared/clock.ts';
import { BadRecordError, ConfigError, ConflictError, PermanentError, TransientError } from '../../../shared/errors.ts';
import { findRunRecord } from '../../../shared/runs/run-records.ts';
import { reserveSequence } from '../../../shared/sources/mssql/watermarks.ts';
import { testServices } from './test-services.ts';

type Handler = (input: unknown, context: InvocationContext) => Promise<unknown>;

const handlers = new Map<string, Handler>();
const logged: string[] = [];

beforeEach(() => {
  handlers.clear();
  logged.length = 0;
  // Outside a host a registration goes nowhere; here it is kept, so that the handler can be called as the host would.
  vi.spyOn(df.app, 'activity').mockImplementation((name, { handler }) => {
    handlers.set(name, handler as Handler);
    return undefined as never;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function invoke(name: string, input: unknown): Promise<unknown> {
  const handler = handlers.get(name);
  if (!handler) throw new Error(`${name} was not registered; there are: ${[...handlers.keys()].join(', ')}`);
  const logHandler = (level: string, ...args: unknown[]): number => logged.push(`${level}: ${args.join(' ')}`);
  return handler(input, new InvocationContext({ functionName: name, logHandler }));
}

function services(): Services {
  return testServices({ clock: systemClock, duckdb: { memoryMb: 1, threads: 1 } });
}

describe('how an activity ends', () => {
  function ending(error: unknown): Promise<unknown> {
    registerActivity('commit-watermark', async () => {
      throw error;
    });
    return invoke('commit-watermark', {});
  }

  test('well: with its value', async () => {
    registerActivity('commit-watermark', async ({ to }) => ({ watermark: to }));
    expect(await invoke('commit-watermark', { to: 'now' })).toEqual({ outcome: 'ok', value: { watermark: 'now' } });
  });

  test('with what may pass: thrown, for the durable retry', async () => {
    const busy = new TransientError('the lake is busy');
    await expect(ending(busy)).rejects.toBe(busy);
  });

  test.each([
    [new PermanentError('no such file', { code: 'not-found' }), 'not-found'],
    [new PermanentError('no'), 'permanent'],
    [new ConflictError('changed'), 'conflict'],
    [new ConfigError('wrong key', { code: 'sql-login' }), 'sql-login'],
    [new BadRecordError('line 3'), 'bad-record'],
    [new TypeError('cannot read'), 'unexpected'],
  ])('with %s: returned, because no retry heals it, and logged', async (error, code) => {
    expect(await ending(error)).toEqual({ outcome: 'failed', code, message: error.message });
    expect(logged).toEqual([expect.stringMatching(/^error: commit-watermark failed/)]);
  });
});

describe('activities that keep state', () => {
  const run = { runId: 'youflix-1', startedAt: '2026-01-31T12:00:00.000Z' };

  test('commit-watermark says where the watermark stands, also when it is repeated', async () => {
    const world = services();
    registerCommitWatermark(world);
    await reserveSequence(world.store, 'users', run.runId);
    const input = { run, table: 'users', sequence: 1, to: '2026-01-31 00:00:00.0000000' };
    const done = { outcome: 'ok', value: { watermark: input.to } };
    expect(await invoke('commit-watermark', input)).toEqual(done);
    expect(await invoke('commit-watermark', input)).toEqual(done);
  });

  test('commit-watermark of a run that was overtaken fails by value', async () => {
    const world = services();
    registerCommitWatermark(world);
    await reserveSequence(world.store, 'users', run.runId);
    await reserveSequence(world.store, 'users', 'youflix-2');
    const input = { run, table: 'users', sequence: 1, to: '2026-01-31 00:00:00.0000000' };
    expect(await invoke('commit-watermark', input)).toMatchObject({ outcome: 'failed', code: 'overtaken' });
  });

  test('record-run keeps the record', async () => {
    const world = services();
    registerRecordRun(world);
    const request = { pipeline: 'youflix', mode: 'full', tables: [], range: null };
    const record = { ...run, pipeline: 'youflix', mode: 'full', status: 'Running', endedAt: null, request, tables: [] };
    expect(await invoke('record-run', record)).toMatchObject({ outcome: 'ok' });
    expect(await findRunRecord(world.store, 'youflix', run.runId)).toEqual(record);
  });
});

test('a table that the catalog no longer has is named, with those it has', () => {
  expect(sourceTable('users').name).toBe('users');
  expect(() => sourceTable('movies')).toThrow(ConfigError);
  expect(() => sourceTable('movies')).toThrow('no table "movies" (there are: plans, users, subscriptions)');
});
