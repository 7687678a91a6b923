import sql from 'mssql';
import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../../shared/errors.ts';
import { sqlError } from '../../../../shared/sources/mssql/sql-errors.ts';

/** An error of the server as `mssql` throws it. */
function fromServer(number: number, message = 'the server said no'): Error {
  return Object.assign(new sql.RequestError(message, 'EREQUEST'), { number });
}

/** An error of the connection; the typings of `mssql` do not know all its codes. */
function connectionError(message: string, code: string): Error {
  return Object.assign(new sql.ConnectionError(message), { code });
}

describe('errors the server numbers', () => {
  test.each([
    [1204, 'out of locks'],
    [1205, 'deadlock victim'],
    [1222, 'lock time-out'],
    [3960, 'snapshot conflict'],
    [8645, 'memory time-out'],
    [10928, 'resource limit'],
    [40197, 'fail-over'],
    [40501, 'busy'],
    [40613, 'database not available'],
    [49918, 'not enough resources'],
  ])('%i (%s) may pass', (number, message) => {
    const cause = fromServer(number, message);
    const error = sqlError(cause, 'extract of users');
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: `sql-${number}`, cause });
    expect(error.message).toBe(`SQL Server extract of users: ${message} (error ${number})`);
  });

  test.each([
    [207, 'invalid column name'],
    [208, 'invalid object name'],
    [229, 'permission denied'],
    [245, 'conversion failed'],
    [8134, 'divide by zero'],
  ])('%i (%s) will not', (number, message) => {
    expect(sqlError(fromServer(number, message), 'count of users')).toMatchObject({
      kind: 'permanent',
      code: `sql-${number}`,
    });
  });

  test.each([18456, 4060])('%i is a matter of the settings', number => {
    const error = sqlError(fromServer(number, 'Login failed'), 'connect');
    expect(error).toMatchObject({ kind: 'config', code: 'sql-login' });
    expect(error.message).toContain('check YOUFLIX_SQL_CONNECTION');
  });
});

describe('errors of the connection', () => {
  test.each(['ESOCKET', 'ECONNCLOSED', 'ENOTOPEN', 'ETIMEOUT', 'ECONNRESET', 'ECANCEL', 'EINSTLOOKUP'])(
    '%s may pass',
    code => {
      expect(sqlError(connectionError('connection lost', code), 'connect')).toMatchObject({
        kind: 'transient',
        code,
        message: 'SQL Server connect: connection lost',
      });
    },
  );

  test('a refused login is a matter of the settings', () => {
    expect(sqlError(connectionError('Login failed', 'ELOGIN'), 'connect').kind).toBe('config');
  });

  test('the code of the error underneath counts when the outer one has none', () => {
    const inner = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const outer = Object.assign(new Error('wrapped'), { originalError: inner });
    expect(sqlError(outer, 'connect')).toMatchObject({ kind: 'transient', code: 'ECONNRESET' });
  });

  test('an unknown code will not pass by waiting', () => {
    expect(sqlError(connectionError('no driver', 'EDRIVER'), 'connect')).toMatchObject({
      kind: 'permanent',
      code: 'EDRIVER',
    });
  });
});

test.each([new TypeError('a bug'), 'text', undefined, null, { number: 'many' }])('anything else: %o', thrown => {
  const error = sqlError(thrown, 'connect');
  expect(error).toMatchObject({ kind: 'permanent', code: 'sql' });
  expect(error.cause).toBe(thrown);
});
