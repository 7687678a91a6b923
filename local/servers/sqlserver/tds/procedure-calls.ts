/** Procedure calls: those that the wire itself serves (prepared statements, sp_executesql), and the rest for the engine. */
import type { SessionEvent, SqlMessage, SqlParameter, SqlSession } from '../session.ts';
import { nameParameters, type PreparedStatements } from './prepared-statements.ts';
import type { ProcedureCall } from './requests.ts';

/** One thing to run against a session. */
export interface Operation {
  /** The statement's text, or the procedure's name: what a fault matches. */
  readonly text: string;
  readonly run: (signal: AbortSignal) => AsyncIterable<SessionEvent>;
}

/** A procedure call as an operation. Preparing takes place at once, the rest when it runs. */
export function callOperation(call: ProcedureCall, session: SqlSession, prepared: PreparedStatements): Operation {
  const { parameters } = call;
  switch (systemProcedure(call.procedure)) {
    case 'sp_executesql': {
      const [statement, declaration, ...values] = parameters;
      return batchOperation(session, textOf(statement), textOf(declaration), values);
    }
    case 'sp_prepare': {
      const [handle, declaration, statement] = parameters;
      const sql = textOf(statement);
      const add = () => prepared.add({ sql, declaration: textOf(declaration) });
      return { text: sql, run: () => only(handleOutput(handle, add())) };
    }
    case 'sp_prepexec': {
      const [handle, declaration, statement, ...values] = parameters;
      const text = textOf(statement);
      const added = prepared.add({ sql: text, declaration: textOf(declaration) });
      const { run } = batchOperation(session, text, textOf(declaration), values);
      return {
        text,
        async *run(signal) {
          // The handle first: some drivers take the first output for it.
          yield handleOutput(handle, added);
          yield* run(signal);
        },
      };
    }
    case 'sp_execute': {
      const [handle, ...values] = parameters;
      const statement = prepared.get(Number(handle?.value));
      if (statement === undefined) return failing(call, noSuchHandle(handle));
      return batchOperation(session, statement.sql, statement.declaration, values);
    }
    case 'sp_unprepare': {
      const [handle] = parameters;
      if (!prepared.delete(Number(handle?.value))) return failing(call, noSuchHandle(handle));
      return { text: call.procedure, run: () => only() };
    }
    default:
      return { text: call.procedure, run: signal => session.procedure(call.procedure, parameters, signal) };
  }
}

/** The bare lower-case name where a call may mean a system procedure: `sys.sp_executesql` is `sp_executesql`. */
function systemProcedure(name: string): string {
  return name
    .replace(/[[\]]/g, '')
    .replace(/^(master\.)?(sys|dbo)?\./i, '')
    .toLowerCase();
}

function batchOperation(
  session: SqlSession,
  sql: string,
  declaration: string,
  values: readonly SqlParameter[],
): Operation {
  const parameters = nameParameters(declaration, values);
  return { text: sql, run: signal => session.batch(sql, parameters, signal) };
}

function textOf(parameter: SqlParameter | undefined): string {
  return typeof parameter?.value === 'string' ? parameter.value : '';
}

function handleOutput(parameter: SqlParameter | undefined, handle: number): SessionEvent {
  return { kind: 'output', name: parameter?.name ?? '', type: { name: 'int' }, value: handle };
}

function noSuchHandle(parameter: SqlParameter | undefined): SqlMessage {
  const message = `Could not find prepared statement with handle ${String(parameter?.value ?? 0)}.`;
  return { number: 8179, state: 2, class: 16, message };
}

function failing(call: ProcedureCall, message: SqlMessage): Operation {
  return { text: call.procedure, run: () => only({ kind: 'message', message }) };
}

async function* only(...events: readonly SessionEvent[]): AsyncIterable<SessionEvent> {
  yield* events;
}
