/** A session of the engine: batches, procedure calls and transactions over one DuckDB connection. */
import type { IsolationLevel, SessionEvent, SqlColumn, SqlParameter, SqlSession, SqlValue } from '../session.ts';
import { parseBatch } from './batches.ts';
import { insertBulk } from './bulk.ts';
import { translateError } from './duckdb-errors.ts';
import { SqlError, sqlError } from './errors.ts';
import type { Executor } from './executor.ts';
import { BatchEnd, Interpreter } from './interpreter.ts';
import { runProcedure } from './procedures.ts';
import { type Frame, newFrame, newState, type Server, type SessionState } from './session-state.ts';
import type { Statement } from './statements.ts';
import { connectionSettings } from './store.ts';
import { tableSql } from './tables.ts';
import { beginTransaction, commitTransaction, rollbackTransaction } from './transactions.ts';
import { Translations } from './translations.ts';

/** Batches kept in their parsed form, shared by no one: a session repeats few. */
const maxBatches = 100;

export class TsqlSession implements SqlSession {
  readonly #state: SessionState;
  readonly #translations: Translations;
  /** In order of last use. */
  readonly #batches = new Map<string, Statement[]>();
  readonly #onClose: () => void;

  private constructor(state: SessionState, onClose: () => void) {
    this.#state = state;
    this.#translations = new Translations(state);
    this.#onClose = onClose;
  }

  static async open(
    server: Server,
    executor: Executor,
    spid: number,
    login: string,
    onClose: () => void,
  ): Promise<TsqlSession> {
    for (const setting of connectionSettings) await executor.run(setting);
    return new TsqlSession(newState(server, executor, spid, login), onClose);
  }

  get spid(): number {
    return this.#state.spid;
  }

  get database(): string {
    return this.#state.database;
  }

  get inTransaction(): boolean {
    return this.#state.transactionCount > 0;
  }

  async *batch(
    sql: string,
    parameters: readonly SqlParameter[],
    signal: AbortSignal,
  ): AsyncGenerator<SessionEvent, void> {
    // What connection pools ask before every request needs no database.
    if (parameters.length === 0 && /^\s*select\s+1\s*;?\s*$/i.test(sql)) return yield* selectOne(this.#state);
    const frame = newFrame();
    yield* this.#guarded(frame, signal, async function* (interpreter, session) {
      for (const parameter of parameters) {
        frame.variables.set(parameter.name.toLowerCase(), { type: parameter.type, value: parameter.value });
      }
      const flow = yield* interpreter.run(session.#parse(sql), frame);
      if (flow?.kind === 'return' && flow.value !== undefined) yield { kind: 'return-status', value: flow.value };
      for (const parameter of parameters.filter(each => each.output)) {
        const variable = frame.variables.get(parameter.name.toLowerCase());
        if (variable) yield { kind: 'output', name: parameter.name, type: variable.type, value: variable.value };
      }
    });
  }

  async *procedure(
    name: string,
    parameters: readonly SqlParameter[],
    signal: AbortSignal,
  ): AsyncGenerator<SessionEvent, void> {
    const frame = newFrame();
    const outputs: SessionEvent[] = [];
    yield* this.#guarded(frame, signal, async function* (interpreter) {
      const passed = parameters.map(parameter => ({
        name: parameter.name === '' ? undefined : parameter.name.toLowerCase(),
        value: parameter.value,
        receive: parameter.output
          ? (value: SqlParameter['value'], type: SqlParameter['type']) =>
              void outputs.push({ kind: 'output', name: parameter.name, type, value })
          : undefined,
      }));
      const status = yield* runProcedure(interpreter, splitName(name), passed, frame, 1);
      yield* outputs;
      yield { kind: 'return-status', value: status };
    });
  }

  bulkInsert(
    table: string,
    columns: readonly SqlColumn[],
    rows: AsyncIterable<readonly (readonly SqlValue[])[]>,
  ): Promise<number> {
    return insertBulk(this.#state, this.#translations, table, columns, rows);
  }

  async begin(_isolation: IsolationLevel): Promise<void> {
    await beginTransaction(this.#state);
  }

  async commit(): Promise<void> {
    await commitTransaction(this.#state);
  }

  async rollback(): Promise<void> {
    await rollbackTransaction(this.#state);
  }

  async reset(): Promise<void> {
    const state = this.#state;
    if (state.transactionCount > 0) await rollbackTransaction(state);
    for (const table of state.temporaryTables.values())
      await state.executor.run(`DROP TABLE IF EXISTS ${tableSql(table)}`);
    state.temporaryTables.clear();
    state.temporaryGeneration += 1;
    Object.assign(state, {
      noCount: false,
      xactAbort: false,
      implicitTransactions: false,
      identityInsert: undefined,
      rowCount: 0,
      errorNumber: 0,
      identity: null,
    });
  }

  async close(): Promise<void> {
    // Closing the connection rolls back what is open and drops temporary tables.
    this.#state.executor.close();
    this.#onClose();
  }

  #parse(sql: string): Statement[] {
    const kept = this.#batches.get(sql);
    const statements = kept ?? parseBatch(sql);
    this.#batches.delete(sql);
    this.#batches.set(sql, statements);
    if (this.#batches.size > maxBatches) this.#batches.delete(this.#batches.keys().next().value ?? '');
    return statements;
  }

  /** Runs a batch or call: interrupts it on the signal, and tells errors that nobody caught. */
  async *#guarded(
    frame: Frame,
    signal: AbortSignal,
    run: (interpreter: Interpreter, session: TsqlSession) => AsyncGenerator<SessionEvent, void>,
  ): AsyncGenerator<SessionEvent, void> {
    const state = this.#state;
    const interrupt = () => state.executor.connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    state.tryDepth = 0;
    try {
      yield* run(new Interpreter(state, this.#translations, signal), this);
    } catch (error) {
      if (!(error instanceof BatchEnd) && !signal.aborted) {
        const told = error instanceof SqlError ? error : translateError(error, { database: state.database });
        told.procedure ??= frame.procedure;
        state.errorNumber = told.number;
        yield { kind: 'message', message: told.toMessage() };
      }
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
    if (state.doomed) {
      yield { kind: 'message', message: sqlError(3998, undefined).toMessage() };
      yield await rollbackTransaction(state);
    }
  }
}

function* selectOne(state: SessionState): Generator<SessionEvent, void> {
  state.rowCount = 1;
  yield { kind: 'columns', columns: [{ name: '', type: { name: 'int' }, nullable: false }] };
  yield { kind: 'rows', rows: [[1]] };
  yield { kind: 'done', command: 'select', ...(state.noCount ? {} : { rowCount: 1 }) };
}

/** `[dbo].[name]` in parts. */
function splitName(name: string): string[] {
  return [...name.matchAll(/\[((?:[^\]]|\]\])*)\]|"([^"]*)"|([^.[\]"]+)/g)].map(
    ([, bracketed, quoted, plain]) => bracketed?.replaceAll(']]', ']') ?? quoted ?? plain ?? '',
  );
}
