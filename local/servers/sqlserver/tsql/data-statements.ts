/** Statements that read, write or declare: each to the translator that knows it, and to the runner of its result. */
import type { SessionEvent } from '../session.ts';
import { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import type { Interpreter } from './interpreter.ts';
import { translateMerge } from './merge.ts';
import { translateQuery } from './queries.ts';
import { runDefinition, runModule } from './running-definitions.ts';
import { runQuery } from './running-queries.ts';
import { runWrite } from './running-writes.ts';
import { emptyScope, type Placeholder, type Scope } from './scope.ts';
import { assignsVariables, assignVariables } from './select-assignments.ts';
import { intoTarget, selectInto } from './select-into.ts';
import type { Frame, SessionState } from './session-state.ts';
import type { DataStatement, DefinitionStatement, QueryStatement, WriteStatement } from './statements.ts';
import { beginTransaction } from './transactions.ts';
import { bindings } from './translations.ts';
import { translateDelete, translateInsert, translateUpdate, type Write } from './writes.ts';

type Events = AsyncGenerator<SessionEvent, void>;

/** @throws SqlError, or what DuckDB threw */
export async function* runDataStatement(interpreter: Interpreter, statement: DataStatement, frame: Frame): Events {
  const { state } = interpreter;
  if (state.implicitTransactions && state.transactionCount === 0) {
    const event = await beginTransaction(state);
    if (event) yield event;
  }
  if (statement.kind === 'query') yield* read(interpreter, statement, frame);
  else if (statement.kind === 'definition' || statement.kind === 'module')
    yield* declare(interpreter, statement, frame);
  else yield* write(interpreter, statement, frame);
}

async function* read(interpreter: Interpreter, statement: QueryStatement, frame: Frame): Events {
  const { state, translations, signal } = interpreter;
  if (assignsVariables(statement)) return assignVariables(interpreter, statement, frame);
  const into = intoTarget(statement.tokens);
  if (into) return yield* selectInto(interpreter, statement, into, frame);
  const { result, placeholders } = translations.of(statement, frame, translation => {
    const cursor = new Cursor(statement.tokens);
    const query = translateQuery(cursor, emptyScope(translation));
    cursor.expectEnd();
    return query;
  });
  yield* runQuery(state, result, bindings(state, frame, placeholders), statement.line, signal);
}

async function* declare(interpreter: Interpreter, statement: DefinitionStatement, frame: Frame): Events {
  const { state, translations } = interpreter;
  const placeholders: Placeholder[] = [];
  const translation = translations.translation(frame, placeholders);
  const run = async (sql: string) => {
    await state.executor.materialize(sql, bindings(state, frame, placeholders));
  };
  const cursor = new Cursor(statement.tokens);
  const context = { state, translation, run };
  await (statement.kind === 'module' ? runModule(cursor, statement.text, context) : runDefinition(cursor, context));
  yield { kind: 'done', command: 'other' };
}

async function* write(interpreter: Interpreter, statement: WriteStatement, frame: Frame): Events {
  const { state, translations } = interpreter;
  const { result, placeholders } = translations.of(statement, frame, translation =>
    translateWrite(statement, emptyScope(translation), state),
  );
  yield* runWrite(state, frame, result, bindings(state, frame, placeholders), statement.line);
}

function translateWrite(statement: WriteStatement, scope: Scope, state: SessionState): Write {
  const cursor = new Cursor(statement.tokens);
  switch (statement.kind) {
    case 'insert':
      if (statement.tokens.some(token => token.kind === 'word' && /^EXEC(UTE)?$/.test(token.value))) {
        throw unsupported('INSERT … EXEC', statement.line);
      }
      return translateInsert(cursor, scope, { identityInsert: table => table.id === state.identityInsert });
    case 'update':
      return translateUpdate(cursor, scope);
    case 'delete':
      return translateDelete(cursor, scope);
    case 'merge':
      return translateMerge(cursor, scope);
    case 'truncate':
      return translateTruncate(cursor, scope);
  }
}

function translateTruncate(cursor: Cursor, scope: Scope): Write {
  cursor.expectWords('TRUNCATE', 'TABLE');
  const { line } = cursor;
  const { table, sql, name } = scope.translation.relation(cursor.multiPartName(), line);
  if (!table) throw sqlError(4701, line, name);
  const columns = table.columns.map(column => column.name);
  return { command: 'delete', sql: `DELETE FROM ${sql}`, table, output: undefined, columns, drawsIdentity: false };
}
