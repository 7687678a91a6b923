import { describe, expect, test } from 'vitest';
import type { RunRecord, Step } from '../../../local/app-client.ts';
import { bytes, count, runSummary, stepTable, tableSummaries, textTable } from '../../../local/summary.ts';

function step(name: string, table: string): Step {
  return {
    name,
    table,
    rowsIn: 12_345,
    rowsOut: 12_345,
    bytes: 2048,
    path: `silver/youflix/${table}`,
    seconds: 1.2345,
    retries: 1,
  };
}

/** The step as the summary has it: its shape is fixed, and the retries are no part of it. */
function summarised({ retries, ...rest }: Step): Omit<Step, 'retries'> {
  expect(retries).toBe(1);
  return rest;
}

function record(mode: string, tables: Partial<RunRecord['tables'][number]>[]): RunRecord {
  return {
    runId: `youflix-${mode}`,
    pipeline: 'youflix',
    mode,
    status: 'Completed',
    startedAt: '2026-01-31T12:00:00.000Z',
    endedAt: '2026-01-31T12:00:02.500Z',
    tables: tables.map(table => ({ table: 'users', version: 0, rows: 0, failure: null, steps: [], ...table })),
  };
}

describe('a run', () => {
  test('in one line for a program: how long, and every step', () => {
    const run = record('full', [
      { table: 'plans', steps: [step('extract', 'plans'), step('merge', 'plans')] },
      { table: 'users', steps: [step('extract', 'users')] },
    ]);
    expect(runSummary(run)).toEqual({
      pipeline: 'youflix',
      mode: 'full',
      runId: 'youflix-full',
      status: 'Completed',
      seconds: 2.5,
      steps: [step('extract', 'plans'), step('merge', 'plans'), step('extract', 'users')].map(summarised),
    });
  });

  test('that has not ended took no time yet', () => {
    expect(runSummary({ ...record('full', []), endedAt: null }).seconds).toBe(0);
  });
});

describe('the tables', () => {
  test('stand as the last run that touched each left them, by name', () => {
    const full = record('full', [
      { table: 'users', version: 0, rows: 100 },
      { table: 'plans', version: 0, rows: 5 },
    ]);
    const incremental = record('incremental', [
      { table: 'users', version: 1, rows: 103 },
      { table: 'plans', version: null, rows: null },
    ]);
    expect(tableSummaries([full, incremental])).toEqual([
      { name: 'silver/youflix/plans', rows: 5, version: 0 },
      { name: 'silver/youflix/users', rows: 103, version: 1 },
    ]);
  });

  test('that no run touched are not there', () => {
    expect(tableSummaries([record('full', [{ version: null, rows: null }])])).toEqual([]);
    expect(tableSummaries([])).toEqual([]);
  });
});

describe('for a person', () => {
  test('columns line up, numbers to the right', () => {
    expect(
      textTable(
        ['name', 'rows'],
        [
          ['a', '1'],
          ['bcdef', '1,000'],
        ],
        [1],
      ).split('\n'),
    ).toEqual(['  name    rows', '  a          1', '  bcdef  1,000']);
  });

  test('a table of steps', () => {
    const [head, line] = stepTable([step('extract', 'users')]).split('\n');
    expect(head?.trim().split(/\s{2,}/)).toEqual(['step', 'table', 'rows in', 'rows out', 'size', 'seconds', 'path']);
    expect(line?.trim().split(/\s{2,}/)).toEqual([
      'extract',
      'users',
      '12,345',
      '12,345',
      '2.0 KiB',
      '1.23',
      'silver/youflix/users',
    ]);
  });

  test('a table of nothing is its head', () => {
    expect(textTable(['a', 'b'], [], [])).toBe('  a  b');
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [5 * 1024 ** 2, '5.0 MiB'],
    [3 * 1024 ** 3, '3.0 GiB'],
    [2 * 1024 ** 4, '2048.0 GiB'],
  ])('%i bytes: %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  test('thousands are set apart, wherever the machine stands', () => {
    expect(count(1_234_567)).toBe('1,234,567');
  });
});
