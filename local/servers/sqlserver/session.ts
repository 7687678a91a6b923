/**
 * What the TDS wire asks of the T-SQL engine, and nothing more: the wire knows packets and types, the engine knows SQL.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api';

/** A declared SQL Server type. `length` in characters or bytes, -1 for max. */
export interface SqlType {
  readonly name:
    | 'bit'
    | 'tinyint'
    | 'smallint'
    | 'int'
    | 'bigint'
    | 'real'
    | 'float'
    | 'decimal'
    | 'numeric'
    | 'money'
    | 'smallmoney'
    | 'char'
    | 'varchar'
    | 'nchar'
    | 'nvarchar'
    | 'text'
    | 'ntext'
    | 'xml'
    | 'binary'
    | 'varbinary'
    | 'image'
    | 'rowversion'
    | 'uniqueidentifier'
    | 'date'
    | 'time'
    | 'datetime'
    | 'smalldatetime'
    | 'datetime2'
    | 'datetimeoffset';
  readonly precision?: number;
  readonly scale?: number;
  readonly length?: number;
}

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: boolean;
}

/** A parameter of sp_executesql, sp_execute or a procedure. Values as in `SqlValue`. */
export interface SqlParameter {
  /** With its `@`; empty when passed by position. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
  readonly output: boolean;
}

/**
 * A single value between wire and engine, exact in every type: integers that fit as number, bigint as bigint; decimal, money,
 * date, time, datetime*, uniqueidentifier as their canonical text (ISO, all digits); binary as bytes.
 */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array;

export type SessionEvent =
  | { readonly kind: 'columns'; readonly columns: readonly SqlColumn[] }
  /** Rows of the last `columns`, as DuckDB gave them: the wire encodes straight from the vectors. */
  | { readonly kind: 'chunk'; readonly chunk: DuckDBDataChunk }
  /** Rows made without DuckDB, values as in `SqlValue`. */
  | { readonly kind: 'rows'; readonly rows: readonly (readonly SqlValue[])[] }
  /** A statement ended. `rowCount` undefined means SET NOCOUNT ON or a statement that counts nothing. */
  | {
      readonly kind: 'done';
      readonly command: 'select' | 'insert' | 'update' | 'delete' | 'other';
      readonly rowCount?: number;
    }
  | { readonly kind: 'message'; readonly message: SqlMessage }
  /** The database or transaction changed outside the transaction-manager request. */
  | { readonly kind: 'database'; readonly name: string }
  | { readonly kind: 'transaction'; readonly state: 'begun' | 'committed' | 'rolled-back' }
  | { readonly kind: 'output'; readonly name: string; readonly type: SqlType; readonly value: SqlValue }
  | { readonly kind: 'return-status'; readonly value: number };

/** Class 0–10 is information, 11–19 an error of the statement, 20 and up ends the connection. */
export interface SqlMessage {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly message: string;
  readonly procedure?: string;
  readonly line?: number;
}

export type IsolationLevel = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable' | 'snapshot';

export interface SqlSession {
  readonly spid: number;
  readonly database: string;
  readonly inTransaction: boolean;

  /**
   * Runs a batch: SQL text with parameters bound to its @variables. Errors come as `message` events (class ≥ 11); it throws only
   * on a fault of its own. When `signal` fires the running statement is interrupted and the iteration ends.
   */
  batch(sql: string, parameters: readonly SqlParameter[], signal: AbortSignal): AsyncIterable<SessionEvent>;

  /** Calls a stored procedure by name (RPC). Ends with `output` events and one `return-status`. */
  procedure(name: string, parameters: readonly SqlParameter[], signal: AbortSignal): AsyncIterable<SessionEvent>;

  /**
   * Takes the rows of an `INSERT BULK` as they arrive, in batches of any size, and returns how many went in. `table` is as the
   * client wrote it (`[dbo].[users]`); the columns are those it sends, in its order. When `rows` throws, none may stay. Without
   * this method bulk loads are refused.
   */
  bulkInsert?(
    table: string,
    columns: readonly SqlColumn[],
    rows: AsyncIterable<readonly (readonly SqlValue[])[]>,
  ): Promise<number>;

  begin(isolation: IsolationLevel): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;

  /** RESETCONNECTION: roll back, drop temporary tables, forget SET options. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface SqlEngine {
  /** @throws SqlLoginError when the login or the database is refused (18456, 4060) */
  open(login: { readonly user: string; readonly password: string; readonly database: string }): Promise<SqlSession>;
  close(): Promise<void>;
}

export class SqlLoginError extends Error {
  readonly sql: SqlMessage;
  constructor(sql: SqlMessage) {
    super(sql.message);
    this.name = 'SqlLoginError';
    this.sql = sql;
  }
}
