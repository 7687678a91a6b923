/** What the engine's suites share: an engine in memory, and one call that gives all that a batch answered. */
import { readFileSync } from 'node:fs';
import type { DuckDBValue } from '@duckdb/node-api';
import { createEngine, type EngineOptions } from '../../../local/servers/sqlserver/engine.ts';
import type {
  SessionEvent,
  SqlColumn,
  SqlEngine,
  SqlMessage,
  SqlParameter,
  SqlSession,
} from '../../../local/servers/sqlserver/session.ts';

export const login = { user: 'sa', password: 'Local-only-1', database: 'youflix' };

export function openEngine(options: Partial<EngineOptions> = {}): Promise<SqlEngine> {
  return createEngine({ file: ':memory:', databaseName: 'youflix', logins: [login], ...options });
}

/** The batches of `infra/sql/youflix.sql`, split at GO as a client does. */
export const schemaBatches: readonly string[] = readFileSync(
  new URL('../../../infra/sql/youflix.sql', import.meta.url),
  'utf8',
)
  .split(/^GO\s*$/m)
  .filter(batch => batch.trim() !== '');

/** An engine with the YouFlix schema, and a session on it. */
export async function openYouflix(
  options: Partial<EngineOptions> = {},
): Promise<{ engine: SqlEngine; session: SqlSession }> {
  const engine = await openEngine(options);
  const session = await engine.open(login);
  for (const batch of schemaBatches) await ask(session, batch);
  return { engine, session };
}

export interface ResultSet {
  readonly columns: readonly SqlColumn[];
  /** Values as text, null as null: what matters is every digit. */
  readonly rows: (string | null)[][];
}

export interface Answer {
  readonly sets: ResultSet[];
  readonly messages: SqlMessage[];
  /** Row counts of the statements that counted. */
  readonly counts: number[];
  readonly events: SessionEvent[];
}

/** Runs a batch to its end. @throws the first error message, unless errors are `allowed` */
export async function ask(
  session: SqlSession,
  sql: string,
  parameters: readonly SqlParameter[] = [],
  allowed: 'no errors' | 'errors' = 'no errors',
): Promise<Answer> {
  return collect(session.batch(sql, parameters, new AbortController().signal), allowed, sql);
}

export async function collect(
  events: AsyncIterable<SessionEvent>,
  allowed: 'no errors' | 'errors' = 'no errors',
  what = 'call',
): Promise<Answer> {
  const answer: Answer = { sets: [], messages: [], counts: [], events: [] };
  for await (const event of events) {
    answer.events.push(event);
    if (event.kind === 'columns') answer.sets.push({ columns: event.columns, rows: [] });
    if (event.kind === 'chunk') answer.sets.at(-1)?.rows.push(...event.chunk.getRows().map(row => row.map(asText)));
    if (event.kind === 'rows')
      answer.sets.at(-1)?.rows.push(...event.rows.map(row => row.map(value => asText(value as DuckDBValue))));
    if (event.kind === 'message') answer.messages.push(event.message);
    if (event.kind === 'done' && event.rowCount !== undefined) answer.counts.push(event.rowCount);
  }
  const error = answer.messages.find(message => message.class > 10);
  if (error && allowed === 'no errors') throw new Error(`${what}: ${error.number} ${error.message}`);
  return answer;
}

function asText(value: DuckDBValue): string | null {
  return value === null ? null : String(value);
}

/** The first value of the first result. */
export async function firstValue(
  session: SqlSession,
  sql: string,
  parameters: readonly SqlParameter[] = [],
): Promise<string | null | undefined> {
  return (await ask(session, sql, parameters)).sets[0]?.rows[0]?.[0];
}

/** The number of the first error that a batch raises. */
export async function errorOf(session: SqlSession, sql: string): Promise<SqlMessage | undefined> {
  const { messages } = await ask(session, sql, [], 'errors');
  return messages.find(message => message.class > 10);
}
