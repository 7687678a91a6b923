/**
 * Runs DuckDB statements on one connection. Each is prepared anew: DuckDB 1.5.6 plans with the statistics of the moment, and a
 * prepared statement that is kept gives wrong answers once the table has grown (`WHERE id = 700` stays empty).
 */
import type {
  DuckDBConnection,
  DuckDBMaterializedResult,
  DuckDBPreparedStatement,
  DuckDBResult,
  DuckDBValue,
} from '@duckdb/node-api';
import type { SqlValue } from '../session.ts';
import { bindValue } from './values.ts';

export class Executor {
  readonly connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs for the effect alone, whatever the number of statements. */
  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** Starts a query whose rows are fetched chunk by chunk, never all at once. */
  stream(sql: string, values: readonly SqlValue[]): Promise<DuckDBResult> {
    return this.#prepared(sql, values, statement => statement.stream());
  }

  /** Runs a statement to its end and keeps the whole result. `changed` counts the rows of a write without RETURNING. */
  async materialize(
    sql: string,
    values: readonly SqlValue[] = [],
  ): Promise<{ result: DuckDBMaterializedResult; changed: number }> {
    const result = await this.#prepared(sql, values, statement => statement.run());
    return { result, changed: result.rowsChanged };
  }

  /** The rows of a small result. */
  async rows(sql: string, values: readonly SqlValue[] = []): Promise<{ rows: DuckDBValue[][]; changed: number }> {
    const { result, changed } = await this.materialize(sql, values);
    return { rows: await result.getRows(), changed };
  }

  /** Rolls back what is open and drops temporary tables. */
  close(): void {
    this.connection.closeSync();
  }

  async #prepared<T>(
    sql: string,
    values: readonly SqlValue[],
    start: (statement: DuckDBPreparedStatement) => Promise<T>,
  ): Promise<T> {
    const statement = await this.connection.prepare(sql);
    try {
      for (const [index, value] of values.entries()) bindValue(statement, index + 1, value);
      return await start(statement);
    } finally {
      statement.destroySync();
    }
  }
}
