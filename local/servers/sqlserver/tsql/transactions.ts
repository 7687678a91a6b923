/** Transactions: @@TRANCOUNT over DuckDB's single level, and single statements that must be atomic. */
import type { SessionEvent } from '../session.ts';
import { isConflict, translateError } from './duckdb-errors.ts';
import { sqlError } from './errors.ts';
import type { SessionState } from './session-state.ts';
import { loadCatalog } from './store.ts';

type TransactionEvent = Extract<SessionEvent, { kind: 'transaction' }>;

/** BEGIN TRANSACTION. Only the outermost begins anything. */
export async function beginTransaction(state: SessionState): Promise<TransactionEvent | undefined> {
  if (state.transactionCount === 0) await state.executor.run('BEGIN');
  state.transactionCount += 1;
  return state.transactionCount === 1 ? { kind: 'transaction', state: 'begun' } : undefined;
}

/** COMMIT. Only the outermost commits. @throws SqlError 3902 without a transaction, 3930 when doomed, 3960/2627 on a conflict */
export async function commitTransaction(state: SessionState, line?: number): Promise<TransactionEvent | undefined> {
  if (state.transactionCount === 0) throw sqlError(3902, line);
  if (state.doomed) throw sqlError(3930, line);
  if (state.transactionCount > 1) {
    state.transactionCount -= 1;
    return undefined;
  }
  try {
    await state.executor.run('COMMIT');
  } catch (error) {
    // DuckDB has rolled back by itself.
    await forget(state);
    throw translateError(error, { database: state.database, line });
  }
  state.transactionCount = 0;
  state.declared = false;
  return { kind: 'transaction', state: 'committed' };
}

/** ROLLBACK, of all levels at once. @throws SqlError 3903 without a transaction */
export async function rollbackTransaction(state: SessionState, line?: number): Promise<TransactionEvent> {
  if (state.transactionCount === 0) throw sqlError(3903, line);
  if (!state.doomed) await state.executor.run('ROLLBACK');
  await forget(state);
  return { kind: 'transaction', state: 'rolled-back' };
}

async function forget(state: SessionState): Promise<void> {
  state.transactionCount = 0;
  state.doomed = false;
  if (state.declared) await loadCatalog(state.executor, state.server.catalog);
  state.declared = false;
}

/**
 * After an error inside a transaction: with XACT_ABORT, and after most errors of DuckDB, its work is undone and only ROLLBACK is
 * left to say. DuckDB's transaction ends at once, so that a CATCH block can still read.
 */
export async function doomAfterError(state: SessionState): Promise<void> {
  if (state.transactionCount === 0 || state.doomed) return;
  const alive = await state.executor.run('SELECT 1').then(
    () => true,
    () => false,
  );
  if (alive && !state.xactAbort) return;
  await state.executor.run('ROLLBACK');
  state.doomed = true;
}

/** How often a single statement tries again after meeting another session's change, where SQL Server would have waited. */
const maxAttempts = 20;

/**
 * Runs work that must happen whole or not at all: inside the open transaction, or in one of its own.
 *
 * @param several whether the work is more than one DuckDB statement, and so needs BEGIN and COMMIT
 */
export async function atomically<T>(state: SessionState, several: boolean, work: () => Promise<T>): Promise<T> {
  if (state.transactionCount > 0) return work();
  for (let attempt = 1; ; attempt++) {
    try {
      if (!several) return await work();
      await state.executor.run('BEGIN');
      const result = await work();
      await state.executor.run('COMMIT');
      return result;
    } catch (error) {
      if (several) await state.executor.run('ROLLBACK').catch(() => undefined);
      if (attempt >= maxAttempts || !isConflict(error)) throw error;
      await new Promise(resolve => setTimeout(resolve, Math.random() * Math.min(attempt, 10)));
    }
  }
}
