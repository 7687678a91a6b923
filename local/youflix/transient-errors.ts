/** Which failures of the database pass by themselves: the same change may succeed a moment later. */
import sql from 'mssql';

/**
 * Deadlock victim, snapshot update conflict, lock time-out, and Azure SQL's own: database on its way (40613, 40197), busy (40501,
 * 49918 to 49920). SQL documentation, "Troubleshoot transient connection errors in SQL Database".
 */
const transientNumbers: ReadonlySet<number> = new Set([1205, 3960, 1222, 40197, 40501, 40613, 49918, 49919, 49920]);

/** The driver's words for a connection that failed or broke; a refused login (ELOGIN) is not among them. */
const brokenConnection: ReadonlySet<string> = new Set([
  'ESOCKET',
  'ECONNRESET',
  'EPIPE',
  'ETIMEOUT',
  'ECONNCLOSED',
  'ENOTOPEN',
  'EABORT',
]);

/** Whether the error that `mssql` threw is one of those. */
export function isTransient(error: unknown): boolean {
  if (error instanceof sql.RequestError && error.number !== undefined && transientNumbers.has(error.number))
    return true;
  return error instanceof sql.MSSQLError && brokenConnection.has(error.code);
}
