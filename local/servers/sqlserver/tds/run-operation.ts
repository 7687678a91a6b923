import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultPhase, FaultTable } from '../../../faults.ts';
import type { SqlMessage, SqlSession } from '../session.ts';
import { CutError, faultMessage, losesTransaction } from './fault-actions.ts';
import { ClientGoneError } from './message-writer.ts';
import type { Operation } from './procedure-calls.ts';
import { ProtocolError } from './protocol-error.ts';
import type { Response } from './response.ts';

/** Where an operation runs, and whereto its answer goes. */
export interface OperationScope {
  readonly session: SqlSession;
  readonly faults: FaultTable;
  readonly response: Response;
  readonly signal: AbortSignal;
}

/**
 * Runs one operation into the response, between its two fault points. Errors of the session become messages; a cancelled
 * operation ends without one.
 *
 * @throws CutError when a fault cuts the connection, ClientGoneError when the client does
 */
export async function runOperation(operation: Operation, scope: OperationScope): Promise<void> {
  const { response, signal } = scope;
  if (await meetFault(operation, 'before', scope)) return;
  try {
    for await (const event of operation.run(signal)) {
      if (signal.aborted) break;
      await response.add(event, signal);
    }
  } catch (error) {
    if (error instanceof CutError || error instanceof ClientGoneError || error instanceof ProtocolError) throw error;
    if (!signal.aborted) response.message(sqlMessageOf(error));
  }
  if (signal.aborted) response.fail();
  await meetFault(operation, 'after', scope);
}

/** Carries out the fault that waits here, if any; true when it takes the operation's place. */
async function meetFault(operation: Operation, phase: FaultPhase, scope: OperationScope): Promise<boolean> {
  const { session, faults, response, signal } = scope;
  const fault = await faults.reach('sqlserver', operation.text, phase);
  switch (fault?.kind) {
    case undefined:
    case 'status':
    case 'body':
      return false;
    case 'delay':
      await sleep(fault.ms, undefined, { signal }).catch(() => response.fail());
      return signal.aborted;
    case 'reset':
      if (fault.afterBytes === undefined) throw new CutError('at once');
      response.cutAfterBytes(fault.afterBytes);
      return false;
    case 'cut-after-rows':
      response.cutAfterRows(fault.rows);
      return false;
    case 'sql-error': {
      const message = faultMessage(fault, `Error ${fault.number}.`);
      response.message(message);
      if (losesTransaction(message) && session.inTransaction) {
        await session.rollback();
        response.transaction('rolled-back');
      }
      return true;
    }
  }
}

/** The message for an error that a session threw: its own where it has the fields of one, else an error that quotes it. */
export function sqlMessageOf(error: unknown): SqlMessage {
  const { number, state, class: errorClass, message, procedure, line } = Object(error) as Partial<SqlMessage>;
  const text = message ?? String(error);
  if (number === undefined || errorClass === undefined) return { number: 50_000, state: 1, class: 16, message: text };
  return {
    number,
    state: state ?? 1,
    class: errorClass,
    message: text,
    ...(procedure === undefined ? {} : { procedure }),
    ...(line === undefined ? {} : { line }),
  };
}
