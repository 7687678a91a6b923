/**
 * Runs the statements of a batch or a procedure, one after the other: control flow, variables, errors. What a statement does to
 * data is in the `running-*` files.
 */
import type { SessionEvent, SqlType, SqlValue } from '../session.ts';
import { convert } from './conversions.ts';
import { Cursor } from './cursor.ts';
import { runDataStatement } from './data-statements.ts';
import { isInterrupt, translateError } from './duckdb-errors.ts';
import { SqlError, sqlError, unsupported } from './errors.ts';
import { translateExpression } from './expressions.ts';
import { bitType, type Fragment, fragment, nvarchar } from './fragment.ts';
import { arithmetic } from './operators.ts';
import { callProcedure } from './procedures.ts';
import { raiseError, throwError } from './raising.ts';
import { emptyScope, type Placeholder, type Scope } from './scope.ts';
import { setOption } from './session-options.ts';
import type { Frame, SessionState } from './session-state.ts';
import type { Statement, Tokens } from './statements.ts';
import { makeTable } from './stored-tables.ts';
import { declareTable, tableSql } from './tables.ts';
import { beginTransaction, commitTransaction, doomAfterError, rollbackTransaction } from './transactions.ts';
import { bindings, type Translations } from './translations.ts';
import { isFixedString, isString, storageType } from './types.ts';
import { literalSql, readValue } from './values.ts';

/** How a statement ends other than by going on to the next. */
export type Flow =
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'return'; readonly value: number | undefined };

/** Thrown once the message is out: nothing more of the batch runs. */
export class BatchEnd extends Error {
  override readonly name = 'BatchEnd';
}

export type Events = AsyncGenerator<SessionEvent, Flow | undefined>;

export class Interpreter {
  readonly state: SessionState;
  readonly translations: Translations;
  readonly signal: AbortSignal;

  constructor(state: SessionState, translations: Translations, signal: AbortSignal) {
    this.state = state;
    this.translations = translations;
    this.signal = signal;
  }

  /** Runs statements until one leaves the list. @throws SqlError inside TRY, BatchEnd when an error ended the batch */
  async *run(statements: readonly Statement[], frame: Frame): Events {
    for (const statement of statements) {
      if (this.signal.aborted) throw new BatchEnd();
      try {
        const flow = yield* this.#statement(statement, frame);
        this.state.errorNumber = 0;
        if (flow) return flow;
      } catch (error) {
        yield* this.#fail(error, frame, statement.line);
      }
    }
    return undefined;
  }

  /** Tells an error to the client, and whether the batch goes on after it: by returning, or by BatchEnd. */
  async *#fail(thrown: unknown, frame: Frame, line: number): AsyncGenerator<SessionEvent, void> {
    if (thrown instanceof BatchEnd) throw thrown;
    if (isInterrupt(thrown) || this.signal.aborted) throw new BatchEnd();
    const error = translateError(thrown, { database: this.state.database, line });
    error.procedure ??= frame.procedure;
    this.state.errorNumber = error.number;
    await doomAfterError(this.state);
    if (this.state.tryDepth > 0) throw error;
    yield { kind: 'message', message: error.toMessage() };
    if (this.state.doomed) yield await rollbackTransaction(this.state);
    else if (error.continues && !this.state.xactAbort) return;
    throw new BatchEnd();
  }

  async *#statement(statement: Statement, frame: Frame): Events {
    const { state } = this;
    switch (statement.kind) {
      case 'block':
        return yield* this.run(statement.body, frame);
      case 'if': {
        const branch = (await this.#holds(statement.condition, frame)) ? statement.then : statement.otherwise;
        return branch ? yield* this.run([branch], frame) : undefined;
      }
      case 'while':
        return yield* this.#while(statement, frame);
      case 'break':
      case 'continue':
        return { kind: statement.kind };
      case 'try':
        return yield* this.#try(statement, frame);
      case 'return': {
        const value = statement.value ? await this.evaluate(statement.value, frame) : undefined;
        return { kind: 'return', value: value === undefined ? undefined : Number(value.value ?? 0) };
      }
      case 'declare': {
        if (frame.variables.has(statement.name)) throw sqlError(134, statement.line, statement.name);
        const value = statement.value ? await this.evaluate(statement.value, frame, statement.type) : undefined;
        frame.variables.set(statement.name, { type: statement.type, value: value?.value ?? null });
        return undefined;
      }
      case 'declare-table': {
        const { catalog } = state.server;
        const { translation } = this.scope(frame);
        const table = declareTable(new Cursor(statement.definition.tokens), 'dbo', statement.name, {
          catalog,
          translation,
        });
        await state.executor.run(`DROP TABLE IF EXISTS ${tableSql(table)}`);
        await makeTable(table, state, translation);
        return undefined;
      }
      case 'set-variable':
        await this.#setVariable(statement, frame);
        return undefined;
      case 'set-option':
        setOption(state, statement.words);
        return undefined;
      case 'print': {
        const text = await this.evaluate(statement.value, frame, nvarchar(4000));
        const message = { number: 0, state: 1, class: 0, message: String(text.value ?? ''), line: statement.line };
        yield { kind: 'message', message };
        return undefined;
      }
      case 'throw':
        throw await throwError(this, statement.values, frame, statement.line);
      case 'raiserror':
        return yield* raiseError(this, statement.values, frame, statement.line);
      case 'transaction':
        return yield* this.#transaction(statement);
      case 'use':
        return yield* this.#use(statement.database, statement.line);
      case 'execute':
      case 'execute-text':
        return yield* callProcedure(this, statement, frame);
      case 'wait':
        return await this.#wait(statement.delay, frame);
      case 'nothing':
        yield { kind: 'done', command: 'other' };
        return undefined;
      default:
        if (state.doomed && statement.kind !== 'query') throw sqlError(3930, statement.line);
        yield* runDataStatement(this, statement, frame);
        return undefined;
    }
  }

  async *#while(statement: Extract<Statement, { kind: 'while' }>, frame: Frame): Events {
    while (!this.signal.aborted && (await this.#holds(statement.condition, frame))) {
      const flow = yield* this.run([statement.body], frame);
      if (flow?.kind === 'break') return undefined;
      if (flow?.kind === 'return') return flow;
    }
    return undefined;
  }

  async *#try(statement: Extract<Statement, { kind: 'try' }>, frame: Frame): Events {
    const { state } = this;
    state.tryDepth += 1;
    const depth = state.tryDepth;
    try {
      const flow = yield* this.run(statement.body, frame);
      state.tryDepth = depth - 1;
      return flow;
    } catch (error) {
      state.tryDepth = depth - 1;
      if (!(error instanceof SqlError)) throw error;
      frame.handling.push(error);
      try {
        return yield* this.run(statement.handler, frame);
      } finally {
        frame.handling.pop();
      }
    }
  }

  async *#transaction(statement: Extract<Statement, { kind: 'transaction' }>): Events {
    const { state } = this;
    const event = await {
      begin: () => beginTransaction(state),
      commit: () => commitTransaction(state, statement.line),
      rollback: () => {
        if (statement.name && state.transactionCount > 0 && this.savepoints.has(statement.name.toLowerCase())) {
          throw unsupported('Rolling back to a savepoint', statement.line);
        }
        return rollbackTransaction(state, statement.line);
      },
      save: async () => void this.savepoints.add((statement.name ?? '').toLowerCase()),
    }[statement.action]();
    if (event) yield event;
    yield { kind: 'done', command: 'other' };
    return undefined;
  }

  /** Names of SAVE TRANSACTION in this batch. DuckDB has no savepoints: they can be set, but not gone back to. */
  readonly savepoints = new Set<string>();

  async *#use(database: string, line: number): Events {
    const { server } = this.state;
    const known = [server.database, 'master'].find(name => name.toLowerCase() === database.toLowerCase());
    if (!known) throw sqlError(911, line, database);
    this.state.database = server.database;
    yield { kind: 'database', name: known };
    return undefined;
  }

  async #wait(delay: Tokens, frame: Frame): Promise<undefined> {
    const { value } = await this.evaluate(delay, frame, nvarchar(30));
    const [hours = 0, minutes = 0, seconds = 0] = String(value ?? '')
      .split(':')
      .map(Number);
    const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      this.signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
    });
    return undefined;
  }

  async #setVariable(statement: Extract<Statement, { kind: 'set-variable' }>, frame: Frame): Promise<void> {
    const variable = frame.variables.get(statement.name);
    if (!variable) throw sqlError(137, statement.line, statement.name);
    const { operator } = statement;
    const combine =
      operator === '='
        ? undefined
        : (value: Fragment, scope: Scope) => {
            const current = fragment(
              `CAST(${scope.translation.placeholder(statement.name)} AS ${storageType(variable.type)})`,
              variable.type,
            );
            return arithmetic(operator.charAt(0), current, value);
          };
    variable.value = (await this.evaluate(statement.value, frame, variable.type, combine)).value;
  }

  /** A scope without sources, for what is translated only once. */
  scope(frame: Frame, placeholders: Placeholder[] = []): Scope {
    return emptyScope(this.translations.translation(frame, placeholders));
  }

  async #holds(condition: Tokens, frame: Frame): Promise<boolean> {
    const asBit = ({ sql }: Fragment) => fragment(`coalesce(${sql}, false)`, bitType);
    return (await this.evaluate(condition, frame, undefined, asBit)).value === true;
  }

  /** The value of an expression, converted to `type` if given. */
  async evaluate(
    expression: Tokens,
    frame: Frame,
    type?: SqlType,
    combine?: (value: Fragment, scope: Scope) => Fragment,
  ): Promise<{ value: SqlValue; type: SqlType | undefined }> {
    const { result, placeholders } = this.translations.of(expression, frame, translation => {
      const cursor = new Cursor(expression.tokens);
      const scope = emptyScope(translation);
      const read = translateExpression(cursor, scope);
      cursor.expectEnd();
      const value = combine ? combine(read, scope) : read;
      return type ? convert(value, type) : value;
    });
    const { rows } = await this.state.executor.rows(`SELECT ${result.sql}`, bindings(this.state, frame, placeholders));
    return { value: readValue(rows[0]?.[0] ?? null, result.type), type: result.type };
  }

  /** A value brought to the type of the variable that takes it: cut, padded, rounded. */
  async convertValue(value: SqlValue, type: SqlType): Promise<SqlValue> {
    if (value === null || (typeof value === 'number' && type.name === 'int')) return value;
    if (typeof value === 'string' && isString(type) && !isFixedString(type)) {
      return type.length === -1 ? value : value.slice(0, type.length);
    }
    const text = typeof value === 'string';
    const source = text
      ? fragment(literalSql(value, 'VARCHAR'), nvarchar(-1))
      : fragment(literalSql(value, naturalStorage(value)), naturalType(value));
    const { rows } = await this.state.executor.rows(`SELECT ${convert(source, type).sql}`);
    return readValue(rows[0]?.[0] ?? null, type);
  }
}

function naturalType(value: SqlValue): SqlType {
  if (typeof value === 'boolean') return bitType;
  if (typeof value === 'bigint') return { name: 'bigint' };
  if (typeof value === 'number') return Number.isInteger(value) ? { name: 'bigint' } : { name: 'float' };
  return { name: 'varbinary', length: -1 };
}

function naturalStorage(value: SqlValue): string {
  return storageType(naturalType(value));
}
