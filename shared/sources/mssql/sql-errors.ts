import { ConfigError, errorMessage, type LakeError, PermanentError, TransientError } from '../../errors.ts';

/**
 * Error numbers that a later try may cure: deadlock victim, snapshot conflict, lock and memory time-outs, and the resource and
 * fail-over errors of "Troubleshoot transient connection errors in Azure SQL Database".
 */
const transientNumbers = new Set([
  1204, 1205, 1222, 3960, 4221, 8645, 8651, 10053, 10054, 10060, 10928, 10929, 40143, 40197, 40501, 40540, 40613, 42108,
  42109, 49918, 49919, 49920,
]);

/** Codes that `mssql` gives when the connection, not the statement, failed; ECANCEL is a request we did not cancel ourselves. */
const transientCodes = new Set([
  'ESOCKET',
  'ECONNCLOSED',
  'ENOTOPEN',
  'ETIMEOUT',
  'ECONNRESET',
  'ECANCEL',
  'EINSTLOOKUP',
]);

/** Turns what `mssql` throws into an error by kind. `what` names the statement's purpose and its object. */
export function sqlError(error: unknown, what: string): LakeError {
  const { number, code } = identify(error);
  const message = `SQL Server ${what}: ${errorMessage(error)}${number === undefined ? '' : ` (error ${number})`}`;
  if (code === 'ELOGIN' || number === 18456 || number === 4060) {
    return new ConfigError(`${message}; check YOUFLIX_SQL_CONNECTION`, { code: 'sql-login', cause: error });
  }
  const details = { code: number === undefined ? (code ?? 'sql') : `sql-${number}`, cause: error };
  if (number !== undefined ? transientNumbers.has(number) : code !== undefined && transientCodes.has(code)) {
    return new TransientError(message, details);
  }
  return new PermanentError(message, details);
}

function identify(error: unknown): { number: number | undefined; code: string | undefined } {
  const read = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  const number = read(error, 'number');
  const code = read(error, 'code') ?? read(read(error, 'originalError'), 'code');
  return {
    number: typeof number === 'number' && number > 0 ? number : undefined,
    code: typeof code === 'string' ? code : undefined,
  };
}
