/** The body of `POST /pipelines/{pipeline}/runs`, checked whole: every problem is reported at once. */
import * as z from 'zod';
import type { RunMode, RunRequest } from '../shared/runs/run-record.ts';
import type { Pipeline } from './pipelines.ts';

const isoTimestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?Z$/;

const timestamp = z.string().refine(value => isoTimestamp.test(value) && isRealDate(value), {
  error: 'expected an ISO 8601 time in UTC, such as 2026-01-31T00:00:00Z, with at most 7 fraction digits',
});

const bodySchema = z.strictObject({
  mode: z.enum(['full', 'incremental', 'backfill'], { error: 'expected full, incremental or backfill' }).optional(),
  tables: z.array(z.string()).min(1, { error: 'name at least one table, or leave it out for all' }).optional(),
  range: z.strictObject({ from: timestamp, to: timestamp }).optional(),
});

export type CheckedRequest =
  | { readonly ok: true; readonly request: RunRequest }
  | { readonly ok: false; readonly problems: readonly string[] };

/** `body` is the parsed JSON of the request, undefined when it was empty. */
export function checkRunRequest(pipeline: Pipeline, body: unknown): CheckedRequest {
  const { tables, modes } = pipeline;
  const problems: string[] = [];
  const parsed = bodySchema.safeParse(body ?? {});
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      problems.push(`${issue.path.length === 0 ? 'body' : issue.path.join('.')}: ${issue.message}`);
    }
  }
  // Read the parts that are readable even when others are not, so that no problem waits for the next attempt.
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const named = Array.isArray(given['tables']) ? given['tables'].filter(name => typeof name === 'string') : [];
  for (const name of named) {
    if (!tables.includes(name))
      problems.push(`tables: there is no table ${JSON.stringify(name)} (there are: ${tables.join(', ')})`);
  }
  const range = parsed.data?.range;
  if (range !== undefined && sqlTime(range.from) >= sqlTime(range.to)) {
    problems.push(`range: from (${range.from}, inclusive) must lie before to (${range.to}, exclusive)`);
  }
  const mode = given['mode'] ?? (given['range'] === undefined ? 'incremental' : 'backfill');
  if (parsed.success && !modes.includes(mode as RunMode)) {
    problems.push(`mode: ${pipeline.name} has no ${mode} (it has: ${modes.join(', ')})`);
  }
  if (mode === 'backfill' && given['range'] === undefined)
    problems.push('range: a backfill needs one, with from and to');
  if (mode !== 'backfill' && given['range'] !== undefined) {
    problems.push(`range: goes with mode backfill, not with ${typeof mode === 'string' ? mode : JSON.stringify(mode)}`);
  }
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    request: {
      pipeline: pipeline.name,
      mode: mode as RunMode,
      tables: parsed.data.tables === undefined ? tables : [...new Set(parsed.data.tables)],
      range: range === undefined ? null : { from: sqlTime(range.from), to: sqlTime(range.to) },
    },
  };
}

/** ISO text as the server prints `datetime2(7)`: no digit is lost, and text order is time order. */
function sqlTime(iso: string): string {
  const [date, time = ''] = iso.replace('Z', '').split('T');
  const [clock = '', fraction = ''] = time.split('.');
  return `${date} ${clock.length === 5 ? `${clock}:00` : clock}.${fraction.padEnd(7, '0')}`;
}

function isRealDate(iso: string): boolean {
  const day = iso.slice(0, 10);
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(iso)) && date.toISOString().slice(0, 10) === day;
}
