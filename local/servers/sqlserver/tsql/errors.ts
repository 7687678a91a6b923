/**
 * SQL Server's errors: numbers, classes and wording (documentation: "Database engine events and errors"), by number, so that a
 * client that looks at `number` or at the text meets what it would meet on the service.
 */
import type { SqlMessage } from '../session.ts';

/** An error of a statement. Travels as an exception inside the engine and leaves it as a `message` event. */
export class SqlError extends Error {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly line: number | undefined;
  /** Whether the batch goes on with the next statement, unless XACT_ABORT is ON. */
  readonly continues: boolean;
  procedure: string | undefined;

  constructor(fields: {
    number: number;
    message: string;
    state?: number;
    class?: number;
    line?: number | undefined;
    continues?: boolean;
  }) {
    super(fields.message);
    this.name = 'SqlError';
    this.number = fields.number;
    this.state = fields.state ?? 1;
    this.class = fields.class ?? 16;
    this.line = fields.line;
    this.continues = fields.continues ?? continuing.has(fields.number);
  }

  toMessage(): SqlMessage {
    return {
      number: this.number,
      state: this.state,
      class: this.class,
      message: this.message,
      ...(this.procedure === undefined ? {} : { procedure: this.procedure }),
      line: this.line ?? 1,
    };
  }
}

/** Errors of a row or a single statement. Those of names, syntax and conversion end the batch, as on the service. */
const continuing: ReadonlySet<number> = new Set([
  220, 512, 515, 544, 547, 2601, 2627, 2628, 2714, 2812, 3701, 8115, 8134,
]);

/** `%1` to `%9` take the arguments in order. Class 16 and state 1 unless told. */
const texts: Readonly<Record<number, { text: string; class?: number; state?: number }>> = {
  102: { text: "Incorrect syntax near '%1'.", class: 15 },
  105: { text: "Unclosed quotation mark after the character string '%1'.", class: 15 },
  109: {
    text: 'There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
    class: 15,
  },
  110: {
    text: 'There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
    class: 15,
  },
  113: { text: "Missing end comment mark '*/'.", class: 15 },
  120: {
    text: 'The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.',
    class: 15,
  },
  121: {
    text: 'The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.',
    class: 15,
  },
  134: {
    text: "The variable name '%1' has already been declared. Variable names must be unique within a query batch or stored procedure.",
    class: 15,
  },
  137: { text: 'Must declare the scalar variable "%1".', class: 15, state: 2 },
  155: { text: "'%1' is not a recognized datepart option.", class: 15 },
  156: { text: "Incorrect syntax near the keyword '%1'.", class: 15 },
  174: { text: 'The function requires more arguments.', class: 15 },
  195: { text: "'%1' is not a recognized built-in function name.", class: 15, state: 10 },
  201: { text: "Procedure or function '%1' expects parameter '%2', which was not supplied.", state: 4 },
  205: {
    text: 'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
  },
  207: { text: "Invalid column name '%1'." },
  208: { text: "Invalid object name '%1'." },
  209: { text: "Ambiguous column name '%1'." },
  217: {
    text: 'Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).',
  },
  220: { text: 'Arithmetic overflow error for data type %1, value = %2.', state: 2 },
  241: { text: 'Conversion failed when converting date and/or time from character string.' },
  245: { text: "Conversion failed when converting the %1 value '%2' to data type %3." },
  263: { text: 'Must specify table to select from.' },
  515: {
    text: "Cannot insert the value NULL into column '%1', table '%2'; column does not allow nulls. %3 fails.",
    state: 2,
  },
  512: {
    text: 'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
  },
  544: {
    text: "Cannot insert explicit value for identity column in table '%1' when IDENTITY_INSERT is set to OFF.",
  },
  547: {
    text: 'The %1 statement conflicted with the %2 constraint "%3". The conflict occurred in database "%4", table "%5"%6.',
    state: 0,
  },
  701: {
    text: "There is insufficient system memory in resource pool 'default' to run this query.",
    class: 17,
    state: 123,
  },
  911: { text: "Database '%1' does not exist. Make sure that the name is entered correctly." },
  1038: {
    text: 'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name.',
    class: 15,
    state: 5,
  },
  1088: { text: 'Cannot find the object "%1" because it does not exist or you do not have permissions.', state: 11 },
  1205: {
    text: 'Transaction (Process ID %1) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
    class: 13,
    state: 51,
  },
  1752: { text: "Column '%1' in table '%2' is invalid for creating a default constraint." },
  1767: { text: "Foreign key '%1' references invalid table '%2'." },
  1769: { text: "Foreign key '%1' references invalid column '%2' in referencing table '%3'." },
  1770: { text: "Foreign key '%1' references invalid column '%2' in referenced table '%3'." },
  1911: { text: "Column name '%1' does not exist in the target table or view." },
  1913: {
    text: "The operation failed because an index or statistics with name '%1' already exists on table '%2'.",
  },
  2601: {
    text: "Cannot insert duplicate key row in object '%1' with unique index '%2'. The duplicate key value is (%3).",
    class: 14,
  },
  2627: {
    text: "Violation of %1 constraint '%2'. Cannot insert duplicate key in object '%3'. The duplicate key value is (%4).",
    class: 14,
  },
  2628: { text: "String or binary data would be truncated in table '%1', column '%2'. Truncated value: '%3'." },
  2705: {
    text: "Column names in each table must be unique. Column name '%1' in table '%2' is specified more than once.",
  },
  2714: { text: "There is already an object named '%1' in the database.", state: 6 },
  2715: { text: 'Column, parameter, or variable #%1: Cannot find data type %2.', state: 6 },
  2812: { text: "Could not find stored procedure '%1'.", state: 62 },
  3701: {
    text: "Cannot drop the %1 '%2', because it does not exist or you do not have permission.",
    class: 11,
    state: 5,
  },
  3726: {
    text: "Could not drop object '%1' because it is referenced by a FOREIGN KEY constraint.",
  },
  3902: { text: 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.' },
  3903: { text: 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.' },
  3930: {
    text: 'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
  },
  3960: {
    text: "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table '%1' directly or indirectly in database '%2' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.",
    state: 2,
  },
  3998: {
    text: 'Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.',
  },
  4060: {
    text: 'Cannot open database "%1" requested by the login. The login failed.',
    class: 11,
  },
  4104: { text: 'The multi-part identifier "%1" could not be bound.' },
  4406: { text: "Update or insert of view or function '%1' failed because it is not a table." },
  4701: { text: 'Cannot find the object "%1" because it does not exist or you do not have permissions.' },
  4902: { text: 'Cannot find the object "%1" because it does not exist or you do not have permissions.' },
  4924: { text: "ALTER TABLE failed because column '%1' does not exist in table '%2'." },
  8114: { text: 'Error converting data type %1 to %2.', state: 5 },
  8115: { text: 'Arithmetic overflow error converting expression to data type %1.', state: 2 },
  8120: {
    text: "Column '%1' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
  },
  8134: { text: 'Divide by zero error encountered.' },
  8144: { text: 'Procedure or function %1 has too many arguments specified.', state: 2 },
  8145: { text: '%1 is not a parameter for procedure %2.' },
  8169: { text: 'Conversion failed when converting from a character string to uniqueidentifier.', state: 2 },
  10704: {
    text: 'To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.',
    class: 15,
  },
  18456: { text: "Login failed for user '%1'.", class: 14 },
};

/**
 * The error of this number with SQL Server's wording.
 *
 * @param line 1-based line of the batch, undefined when nobody knows
 */
export function sqlError(number: number, line: number | undefined, ...values: readonly string[]): SqlError {
  const template = texts[number] ?? { text: `Error ${number}. ${values.join(' ')}` };
  const message = template.text.replace(/%([1-9])/g, (_, index: string) => values[Number(index) - 1] ?? '');
  return new SqlError({ number, message, state: template.state ?? 1, class: template.class ?? 16, line });
}

/**
 * T-SQL that this stand-in does not run. The number is the one SQL Server uses for features that are absent on a platform, so
 * that nobody takes it for a mistake in the statement.
 */
export function unsupported(what: string, line: number | undefined): SqlError {
  return new SqlError({
    number: 40517,
    message: `${what} is not supported by the local SQL Server. Rewrite the statement without it, or run it on the service.`,
    line,
  });
}
