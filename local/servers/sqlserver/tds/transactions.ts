import type { SessionEvent, SqlSession } from '../session.ts';
import type { Operation } from './procedure-calls.ts';
import type { TransactionRequest } from './requests.ts';

/** A transaction manager request as an operation. Its text is that of the T-SQL statement that does the same. */
export function transactionOperation(request: TransactionRequest, session: SqlSession): Operation {
  switch (request.kind) {
    case 'begin':
      return {
        text: 'BEGIN TRANSACTION',
        async *run() {
          await session.begin(request.isolation);
          yield { kind: 'transaction', state: 'begun' };
        },
      };
    case 'commit':
      return ending('COMMIT', 'committed', () => session.commit(), request.thenBegin, session);
    case 'rollback':
      // With a name it may mean a savepoint, which only the engine can tell.
      if (request.name !== '') return statement(session, `ROLLBACK TRANSACTION ${quoted(request.name)}`);
      return ending('ROLLBACK', 'rolled-back', () => session.rollback(), request.thenBegin, session);
    case 'save':
      return statement(session, `SAVE TRANSACTION ${quoted(request.name)}`);
  }
}

function ending(
  text: string,
  state: 'committed' | 'rolled-back',
  end: () => Promise<void>,
  thenBegin: Extract<TransactionRequest, { kind: 'begin' }>['isolation'] | undefined,
  session: SqlSession,
): Operation {
  return {
    text,
    async *run(): AsyncIterable<SessionEvent> {
      const wasOpen = session.inTransaction;
      try {
        await end();
      } catch (error) {
        // A commit that met a conflict has lost its transaction; the client must hear of that as well.
        if (wasOpen && !session.inTransaction) yield { kind: 'transaction', state: 'rolled-back' };
        throw error;
      }
      yield { kind: 'transaction', state };
      if (thenBegin === undefined) return;
      await session.begin(thenBegin);
      yield { kind: 'transaction', state: 'begun' };
    },
  };
}

function statement(session: SqlSession, sql: string): Operation {
  return { text: sql, run: signal => session.batch(sql, [], signal) };
}

function quoted(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
