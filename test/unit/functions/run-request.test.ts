import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPipeline, type Pipeline } from '../../../functions/pipelines.ts';
import { checkRunRequest } from '../../../functions/run-request.ts';
import type { RunRequest } from '../../../shared/runs/run-record.ts';

const tables = ['plans', 'users', 'subscriptions'];

function pipeline(name: string): Pipeline {
  const found = findPipeline(name);
  if (found === undefined) throw new Error(`no pipeline ${name}`);
  return found;
}

function accepted(body: unknown): RunRequest {
  const checked = checkRunRequest(pipeline('youflix'), body);
  if (!checked.ok) throw new Error(checked.problems.join('\n'));
  return checked.request;
}

function problemsOf(body: unknown): readonly string[] {
  const checked = checkRunRequest(pipeline('youflix'), body);
  return checked.ok ? [] : checked.problems;
}

test('a pipeline without backfills refuses one', () => {
  const range = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
  const checked = checkRunRequest(pipeline('imdb'), { range });
  expect(checked).toEqual({ ok: false, problems: ['mode: imdb has no backfill (it has: full, incremental)'] });
});

describe('what is accepted', () => {
  test.each([undefined, null, {}])('%o: an incremental run of all tables', body => {
    expect(accepted(body)).toEqual({ pipeline: 'youflix', mode: 'incremental', tables, range: null });
  });

  test('a mode, and tables, each once', () => {
    expect(accepted({ mode: 'full', tables: ['users', 'plans', 'users'] })).toEqual({
      pipeline: 'youflix',
      mode: 'full',
      tables: ['users', 'plans'],
      range: null,
    });
  });

  test('a range, which means a backfill', () => {
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
    const expected = { from: '2026-01-01 00:00:00.0000000', to: '2026-02-01 00:00:00.0000000' };
    expect(accepted({ range })).toMatchObject({ mode: 'backfill', range: expected });
    expect(accepted({ mode: 'backfill', range })).toMatchObject({ mode: 'backfill', range: expected });
  });

  test.each([
    ['2026-01-01T10:20Z', '2026-01-01 10:20:00.0000000'],
    ['2026-01-01T10:20:30Z', '2026-01-01 10:20:30.0000000'],
    ['2026-01-01T10:20:30.5Z', '2026-01-01 10:20:30.5000000'],
    ['2026-01-01T10:20:30.1234567Z', '2026-01-01 10:20:30.1234567'],
    ['2024-02-29T23:59:59.9999999Z', '2024-02-29 23:59:59.9999999'],
    ['0001-01-01T00:00:00Z', '0001-01-01 00:00:00.0000000'],
  ])('the time %s, to the last digit', (from, exact) => {
    expect(accepted({ range: { from, to: '9999-12-31T23:59:59.9999999Z' } }).range?.from).toBe(exact);
  });

  test('a range of a tenth of a microsecond', () => {
    const range = { from: '2026-01-01T00:00:00.0000000Z', to: '2026-01-01T00:00:00.0000001Z' };
    expect(accepted({ range }).range?.to).toBe('2026-01-01 00:00:00.0000001');
  });
});

describe('what is refused', () => {
  test('every problem of a request at once', () => {
    const problems = problemsOf({
      mode: 'sometimes',
      tables: ['userz', 7],
      range: { from: 'yesterday', to: '2026-01-01T00:00:00Z', until: 1 },
      force: true,
    });
    const expected = [
      /^mode: expected full, incremental or backfill/,
      /^tables\.1: /,
      /^tables: there is no table "userz" \(there are: plans, users, subscriptions\)/,
      /^range\.from: expected an ISO 8601 time in UTC/,
      /^range: .*until/,
      /^body: .*force/,
    ];
    for (const pattern of expected) expect(problems).toContainEqual(expect.stringMatching(pattern));
  });

  test.each([
    '2026-02-29T00:00:00Z', // no leap year
    '1900-02-29T00:00:00Z', // no leap year either
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-01T24:00:01Z',
    '2026-01-01T23:60:00Z',
    '2026-01-01T00:00:00.12345678Z', // eight digits
    '2026-01-01T00:00:00', // whose time?
    '2026-01-01T00:00:00+01:00',
    '2026-01-01',
    '26-01-01T00:00:00Z',
    "2026-01-01T00:00:00Z'; DROP TABLE users --",
    '',
  ])('the time %o', from => {
    const problems = problemsOf({ range: { from, to: '2027-01-01T00:00:00Z' } });
    expect(problems).toEqual([expect.stringMatching(/^range\.from: expected an ISO 8601 time in UTC/)]);
  });

  test.each([
    ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00.0000002Z', '2026-01-01T00:00:00.0000001Z'],
  ])('a range from %s to %s, which holds nothing', (from, to) => {
    expect(problemsOf({ range: { from, to } })).toEqual([
      `range: from (${from}, inclusive) must lie before to (${to}, exclusive)`,
    ]);
  });

  test('a backfill without a range, and a range without a backfill', () => {
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
    expect(problemsOf({ mode: 'backfill' })).toEqual(['range: a backfill needs one, with from and to']);
    expect(problemsOf({ mode: 'full', range })).toEqual(['range: goes with mode backfill, not with full']);
    expect(problemsOf({ mode: 'incremental', range })).toHaveLength(1);
  });

  test('no table at all', () => {
    expect(problemsOf({ tables: [] })).toEqual(['tables: name at least one table, or leave it out for all']);
  });

  test.each([[[]], ['full'], [42], [true]])('a body that is no object: %o', body => {
    expect(problemsOf(body)).toEqual([expect.stringMatching(/^body: /)]);
  });

  test('names that only objects know', () => {
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(problemsOf({ tables: [name] })).toEqual([expect.stringContaining(`no table "${name}"`)]);
  });
});

describe('whatever JSON comes', () => {
  const likely = fc.record(
    {
      mode: fc.oneof(fc.constantFrom('full', 'incremental', 'backfill'), fc.jsonValue()),
      tables: fc.oneof(fc.array(fc.oneof(fc.constantFrom(...tables), fc.string())), fc.jsonValue()),
      range: fc.oneof(fc.record({ from: fc.string(), to: fc.string() }, { requiredKeys: [] }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );

  test('it is accepted whole or refused with reasons, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), likely), body => {
        const checked = checkRunRequest(pipeline('youflix'), body);
        if (!checked.ok) {
          expect(checked.problems.length).toBeGreaterThan(0);
          return;
        }
        const { mode, range, tables: chosen } = checked.request;
        expect(chosen.length).toBeGreaterThan(0);
        expect(chosen.every(name => tables.includes(name))).toBe(true);
        expect(range !== null).toBe(mode === 'backfill');
      }),
      { numRuns: 500 },
    );
  });

  test('a mode that cannot even be shown as text is refused as any other', () => {
    expect(problemsOf({ mode: { toString: {} }, range: {} })).toContain(
      'range: goes with mode backfill, not with {"toString":{}}',
    );
  });

  test('times keep their order and all their digits', () => {
    const digits = fc.integer({ min: 0, max: 9_999_999 }).map(n => String(n).padStart(7, '0'));
    const second = fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
      .map(date => date.toISOString().slice(0, 19));
    const time = fc.tuple(second, digits).map(([text, fraction]) => `${text}.${fraction}Z`);
    fc.assert(
      fc.property(time, time, (from, to) => {
        const checked = checkRunRequest(pipeline('youflix'), { range: { from, to } });
        expect(checked.ok).toBe(from < to);
        if (checked.ok) expect(checked.request.range?.from).toBe(from.replace('T', ' ').replace('Z', ''));
      }),
    );
  });
});
