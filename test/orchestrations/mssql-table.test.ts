import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivityName } from '../../orchestrations/activities.ts';
import { mssqlTable, type TableRun } from '../../orchestrations/mssql-table.ts';
import type { TableResult } from '../../shared/runs/run-record.ts';
import { type Call, type RunOptions, runOrchestrator } from './run-orchestrator.ts';
import { type Attempt, key, type Source, tableActivities, tableRun, watermark } from './table-activities.ts';

interface Ran {
  readonly result: TableResult;
  readonly calls: readonly Call[];
  readonly names: readonly string[];
  readonly attempts: readonly Attempt[];
}

function ran(source: Source, given: Partial<TableRun> = {}, completes: RunOptions['completes'] = 'oldest'): Ran {
  const { activities, attempts } = tableActivities(source);
  const { output, error, calls } = runOrchestrator(mssqlTable, {
    input: { ...tableRun, ...given },
    activities,
    completes,
  });
  if (error) throw error;
  return { result: output as TableResult, calls, names: calls.map(({ name }) => name), attempts };
}

const wholeRun = [
  'plan-mssql-extract',
  'extract-mssql-table',
  'merge-silver-table',
  'reconcile-silver-table',
  'commit-watermark',
] as const;

const threeParts = [key(null, '100'), key('100', '200'), key('200', null)];

describe('when all goes well', () => {
  test('plan, extract, merge, reconcile, and the watermark last', () => {
    const { result, calls, names } = ran({});
    expect(names).toEqual(wholeRun);
    expect(result).toMatchObject({
      table: 'users',
      outcome: 'ok',
      mode: 'incremental',
      version: 4,
      rows: 103,
      watermark,
      failure: null,
    });
    expect(result.steps.map(step => step.name)).toEqual(['extract', 'merge', 'reconcile']);
    expect(calls.at(-1)?.input).toEqual({ run: tableRun.run, table: 'users', sequence: 7, to: watermark });
  });

  test('each step gets what the one before it found', () => {
    const { calls } = ran({});
    const file = { path: 'bronze/youflix/users/part-only.csv', rows: 3, bytes: 100, crc32: 1 };
    expect(calls[1]?.input).toMatchObject({ window: { high: watermark }, keys: { from: null, to: null }, part: null });
    expect(calls[2]?.input).toMatchObject({ mode: 'incremental', sequence: 7, files: [file] });
    expect(calls[3]?.input).toMatchObject({ mode: 'incremental', version: 4, files: [file] });
  });

  test('a table without a watermark is planned as a full load, and treated as one', () => {
    const { result, calls } = ran({ plan: { mode: 'full' } });
    expect(result.mode).toBe('full');
    expect(calls[2]?.input).toMatchObject({ mode: 'full' });
  });

  test('a backfill passes its range on and leaves the watermark where it is', () => {
    const range = { from: '2026-01-01 00:00:00.0000000', to: '2026-01-02 00:00:00.0000000' };
    const { result, calls, names } = ran({ plan: { nextWatermark: null } }, { mode: 'backfill', range });
    expect(calls[0]?.input).toMatchObject({ mode: 'backfill', range });
    expect(names).toEqual(wholeRun.slice(0, -1));
    expect(result).toMatchObject({ outcome: 'ok', mode: 'backfill', watermark: null });
  });

  test.each(['oldest', 'newest'] as const)(
    'a split load: parts numbered from 1, side by side, %s first, receipts in order',
    completes => {
      const { result, calls, names } = ran({ plan: { mode: 'full', parts: threeParts } }, { mode: 'full' }, completes);
      expect(names).toEqual(wholeRun.flatMap(name => (name === 'extract-mssql-table' ? [name, name, name] : [name])));
      expect(calls.slice(1, 4).map(call => call.input)).toMatchObject([
        { keys: threeParts[0], part: 1 },
        { keys: threeParts[1], part: 2 },
        { keys: threeParts[2], part: 3 },
      ]);
      const paths = [1, 2, 3].map(part => `bronze/youflix/users/part-${part}.csv`);
      expect(result.steps.slice(0, 3).map(step => step.path)).toEqual(paths);
      expect(calls[4]?.input).toMatchObject({ files: paths.map(path => ({ path })) });
    },
  );
});

describe('when there is nothing to carry', () => {
  test('an incremental run leaves silver alone and still moves the watermark', () => {
    const { result, names } = ran({ rows: 0 });
    expect(names).toEqual(['plan-mssql-extract', 'extract-mssql-table', 'commit-watermark']);
    expect(result).toMatchObject({ outcome: 'ok', version: null, rows: null, watermark });
  });

  test('a full load of an empty table merges the emptiness', () => {
    const { names, result } = ran({ rows: 0, plan: { mode: 'full', nextWatermark: null } });
    expect(names).toEqual(wholeRun.slice(0, -1));
    expect(result).toMatchObject({ outcome: 'ok', version: 4, watermark: null });
  });
});

describe('when a step fails', () => {
  test.each(wholeRun)('%s, for good: the result says so, nothing runs after it', failing => {
    const { result, names, attempts } = ran({ fails: name => (name === failing ? 'value' : undefined) });
    expect(result).toMatchObject({
      outcome: 'failed',
      watermark: null,
      failure: { step: failing, code: 'broken', message: `${failing} is broken` },
    });
    expect(names).toEqual(wholeRun.slice(0, wholeRun.indexOf(failing) + 1));
    expect(attempts.filter(({ name }) => name === failing)).toHaveLength(1);
  });

  test.each(wholeRun)('%s, by throwing: it is tried three times, then the result says so', failing => {
    const { result, names, attempts } = ran({ fails: name => (name === failing ? 'throw' : undefined) });
    expect(result).toMatchObject({
      outcome: 'failed',
      watermark: null,
      failure: { step: failing, code: 'transient', message: expect.stringContaining(`${failing} has no answer`) },
    });
    expect(names).toEqual(wholeRun.slice(0, wholeRun.indexOf(failing) + 1));
    expect(attempts.filter(({ name }) => name === failing)).toHaveLength(3);
  });

  test.each(wholeRun)('%s, once: the second try heals it', failing => {
    const fails: Source['fails'] = (name, _, attempt) => (name === failing && attempt === 1 ? 'throw' : undefined);
    expect(ran({ fails }).result).toMatchObject({ outcome: 'ok', watermark });
  });

  test('what was done before it stays on record', () => {
    const { result } = ran({ fails: name => (name === 'reconcile-silver-table' ? 'value' : undefined) });
    expect(result).toMatchObject({ version: 4, rows: 103 });
    expect(result.steps.map(step => step.name)).toEqual(['extract', 'merge']);
  });

  test.each(['value', 'throw'] as const)('one part of three, by %s: nothing is merged', failure => {
    const fails: Source['fails'] = (name, input) =>
      name === 'extract-mssql-table' && (input as { part: number }).part === 2 ? failure : undefined;
    const { result, names } = ran({ plan: { mode: 'full', parts: threeParts }, fails });
    expect(result.outcome).toBe('failed');
    expect(names).not.toContain('merge-silver-table');
    expect(names).not.toContain('commit-watermark');
  });
});

test('whatever happens: the watermark is the last step, and only after all others went well', () => {
  const plans = fc.record({
    mode: fc.constantFrom('full' as const, 'incremental' as const, 'backfill' as const),
    parts: fc.array(fc.constant(key(null, null)), { minLength: 1, maxLength: 5 }),
    nextWatermark: fc.constantFrom(null, watermark),
  });
  const attemptsThatFail = fc.dictionary(
    fc.constantFrom<ActivityName>(...wholeRun),
    fc.array(fc.constantFrom('value' as const, 'throw' as const, undefined), { maxLength: 3 }),
  );
  const order = fc.constantFrom('oldest' as const, 'newest' as const);
  fc.assert(
    fc.property(plans, fc.nat({ max: 2 }), attemptsThatFail, order, (plan, rows, failing, completes) => {
      const fails: Source['fails'] = (name, _, attempt) => failing[name]?.[attempt - 1];
      const { result, names } = ran({ plan, rows, fails }, {}, completes);
      const last = names.at(-1) as ActivityName;
      if (names.includes('commit-watermark')) expect(names.indexOf('commit-watermark')).toBe(names.length - 1);
      expect(names.includes('commit-watermark') && result.outcome === 'ok').toBe(result.watermark !== null);
      if (result.outcome === 'failed') expect(result.failure?.step).toBe(last);
      else expect(result.watermark).toBe(plan.nextWatermark);
      if (result.outcome === 'ok') expect(names.includes('merge-silver-table')).toBe(plan.mode === 'full' || rows > 0);
      if (names.includes('merge-silver-table') && last === 'commit-watermark')
        expect(names).toContain('reconcile-silver-table');
    }),
  );
});
