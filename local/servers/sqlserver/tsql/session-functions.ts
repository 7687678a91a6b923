/** Functions that ask the session, the server or the catalog: @@ROWCOUNT, SYSUTCDATETIME(), OBJECT_ID('…'), SERVERPROPERTY(…). */
import type { SqlType } from '../session.ts';
import { convert } from './conversions.ts';
import type { Cursor } from './cursor.ts';
import { translateExpression } from './expressions.ts';
import { type Fragment, fragment, intType, nvarchar } from './fragment.ts';
import { quoteText } from './quoting.ts';
import type { Scope } from './scope.ts';
import { storageType } from './types.ts';

/** Values of the session, bound when the statement runs, by the name of their placeholder. */
export const sessionValues: Readonly<Record<string, SqlType>> = {
  '@@rowcount': intType,
  '@@error': intType,
  '@@trancount': intType,
  '@@spid': { name: 'smallint' },
  '@@identity': { name: 'numeric', precision: 38, scale: 0 },
  '@@procid': intType,
  '@@nestlevel': intType,
  '@@version': nvarchar(300),
  '@@servername': nvarchar(128),
  '@@servicename': nvarchar(128),
  '@@language': nvarchar(128),
  '@@datefirst': { name: 'tinyint' },
  '@@max_precision': { name: 'tinyint' },
  '@@options': intType,
  '@@lock_timeout': intType,
  '@@textsize': intType,
  '@@dbts': { name: 'varbinary', length: 8 },
  scope_identity: { name: 'numeric', precision: 38, scale: 0 },
  xact_state: { name: 'smallint' },
  error_number: intType,
  error_message: nvarchar(4000),
  error_severity: intType,
  error_state: intType,
  error_line: intType,
  error_procedure: nvarchar(128),
  login: nvarchar(128),
  now: { name: 'datetime2', scale: 7 },
};

const byCall: Readonly<Record<string, string>> = {
  SCOPE_IDENTITY: 'scope_identity',
  XACT_STATE: 'xact_state',
  ERROR_NUMBER: 'error_number',
  ERROR_MESSAGE: 'error_message',
  ERROR_SEVERITY: 'error_severity',
  ERROR_STATE: 'error_state',
  ERROR_LINE: 'error_line',
  ERROR_PROCEDURE: 'error_procedure',
  SUSER_SNAME: 'login',
  SUSER_NAME: 'login',
  ORIGINAL_LOGIN: 'login',
  SYSTEM_USER: 'login',
  SYSUTCDATETIME: 'now',
  SYSDATETIME: 'now',
};

const datetime: SqlType = { name: 'datetime' };

/** The call, or undefined when it asks nothing of the session. */
export function sessionFunction(name: string, inside: Cursor | undefined, scope: Scope): Fragment | undefined {
  const value = byCall[name];
  if (value) {
    inside?.expectEnd();
    return sessionValue(value, scope);
  }
  switch (name) {
    // The local server keeps UTC, as Azure SQL does.
    case 'GETDATE':
    case 'GETUTCDATE':
    case 'CURRENT_TIMESTAMP':
      return convert(sessionValue('now', scope), datetime);
    case 'SYSDATETIMEOFFSET':
      return convert(sessionValue('now', scope), { name: 'datetimeoffset', scale: 7 });
    case 'USER_NAME':
    case 'CURRENT_USER':
    case 'SESSION_USER':
    case 'USER':
      return fragment("'dbo'", nvarchar(128));
    case 'DB_NAME':
      return fragment(quoteText(scope.translation.database), nvarchar(128));
    case 'DB_ID':
      return fragment('5', { name: 'smallint' });
    case 'HOST_NAME':
    case 'APP_NAME':
      return fragment("''", nvarchar(128));
    case 'OBJECT_ID':
    case 'OBJECT_NAME':
    case 'OBJECT_SCHEMA_NAME':
    case 'SCHEMA_ID':
    case 'SCHEMA_NAME':
    case 'TYPE_NAME':
    case 'COL_LENGTH':
    case 'COL_NAME':
    case 'TYPE_ID':
    case 'SERVERPROPERTY':
    case 'DATABASEPROPERTYEX':
    case 'HAS_DBACCESS':
    case 'OBJECTPROPERTY':
    case 'COLUMNPROPERTY':
    case 'INDEXPROPERTY':
    case 'HAS_PERMS_BY_NAME':
      return catalogFunction(name, inside, scope);
    default:
      return undefined;
  }
}

/** A placeholder for a value of the session, cast to its type. */
export function sessionValue(name: string, scope: Scope): Fragment {
  const type = sessionValues[name] ?? intType;
  return fragment(`CAST(${scope.translation.placeholder(name)} AS ${storageType(type)})`, type);
}

const texts: ReadonlySet<string> = new Set([
  'OBJECT_NAME',
  'OBJECT_SCHEMA_NAME',
  'SCHEMA_NAME',
  'TYPE_NAME',
  'COL_NAME',
  'SERVERPROPERTY',
  'DATABASEPROPERTYEX',
]);

/** Answered by the macros of the same name over the catalog (system-macros). */
function catalogFunction(name: string, inside: Cursor | undefined, scope: Scope): Fragment {
  const values = !inside || inside.done ? [] : inside.list(() => translateExpression(inside, scope).sql);
  inside?.expectEnd();
  const sql = `tsql.${name.toLowerCase()}(${values.join(', ')})`;
  return texts.has(name) ? fragment(sql, nvarchar(128)) : fragment(`CAST(${sql} AS INTEGER)`, intType);
}
