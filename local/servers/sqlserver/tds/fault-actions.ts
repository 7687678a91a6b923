import type { FaultAction } from '../../../faults.ts';
import type { SqlMessage } from '../session.ts';

/** A fault cuts the connection: `at once` loses what is unsent, `after data` lets it reach the client first. */
export class CutError extends Error {
  readonly when: 'at once' | 'after data';

  constructor(when: 'at once' | 'after data') {
    super('a fault cuts the connection');
    this.name = 'CutError';
    this.when = when;
  }
}

const DEADLOCK = 1205;
/** What the service says in the errors that faults most often stand for, and their classes. */
const KNOWN: Readonly<Record<number, readonly [errorClass: number, message: string]>> = {
  [DEADLOCK]: [
    13,
    'Transaction (Process ID 51) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
  ],
  4060: [11, 'Cannot open the database requested by the login. The login failed.'],
  18456: [14, 'Login failed.'],
  40197: [17, 'The service has encountered an error processing your request. Please try again.'],
  40501: [20, 'The service is currently busy. Retry the request after 10 seconds.'],
  40613: [17, 'The database is not currently available. Please retry the connection later.'],
};

/** The error that a fault raises, in the words and class of the service where it is a known one. */
export function faultMessage(fault: Extract<FaultAction, { kind: 'sql-error' }>, otherwise: string): SqlMessage {
  const [knownClass, text] = KNOWN[fault.number] ?? [16, otherwise];
  return { number: fault.number, state: 1, class: fault.class ?? knownClass, message: fault.message ?? text };
}

/** A deadlock's victim loses its transaction, as every error that the service raises with this number. */
export function losesTransaction(message: SqlMessage): boolean {
  return message.number === DEADLOCK;
}
