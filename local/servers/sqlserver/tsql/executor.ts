/** Runs DuckDB statements on one connection, keeping the prepared ones. */
import type {
  DuckDBConnection,
  DuckDBMaterializedResult,
  DuckDBPreparedStatement,
  DuckDBResult,
  DuckDBValue,
} from '@duckdb/node-api';
import type { SqlValue } from '../session.ts';
import { bindValue } from './values.ts';

/** Statements kept per session. A statement is a few kilobytes; programs repeat few of them. */
const maxPrepared = 200;

export class Executor {
  readonly connection: DuckDBConnection;
  /** In order of last use. */
  readonly #prepared = new Map<string, DuckDBPreparedStatement>();

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs for the effect alone, whatever the number of statements. */
  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** Starts a query whose rows are fetched chunk by chunk, never all at once. */
  async stream(sql: string, values: readonly SqlValue[]): Promise<DuckDBResult> {
    const statement = await this.#prepare(sql);
    for (const [index, value] of values.entries()) bindValue(statement, index + 1, value);
    return statement.stream();
  }

  /** Runs a statement to its end and keeps the whole result. `changed` counts the rows of a write without RETURNING. */
  async materialize(sql: string, values: readonly SqlValue[] = []): Promise<{ result: DuckDBMaterializedResult; changed: number }> {
    const statement = await this.#prepare(sql);
    for (const [index, value] of values.entries()) bindValue(statement, index + 1, value);
    const result = await statement.run();
    return { result, changed: result.rowsChanged };
  }

  /** The rows of a small result. */
  async rows(sql: string, values: readonly SqlValue[] = []): Promise<{ rows: DuckDBValue[][]; changed: number }> {
    const { result, changed } = await this.materialize(sql, values);
    return { rows: await result.getRows(), changed };
  }

  /** Forgets every prepared statement, as after a change of the catalog. */
  clear(): void {
    for (const statement of this.#prepared.values()) statement.destroySync();
    this.#prepared.clear();
  }

  close(): void {
    this.clear();
    this.connection.closeSync();
  }

  async #prepare(sql: string): Promise<DuckDBPreparedStatement> {
    const kept = this.#prepared.get(sql);
    const statement = kept ?? (await this.connection.prepare(sql));
    this.#prepared.delete(sql);
    this.#prepared.set(sql, statement);
    if (this.#prepared.size > maxPrepared) {
      for (const [oldest, prepared] of this.#prepared) {
        prepared.destroySync();
        this.#prepared.delete(oldest);
        break;
      }
    }
    return statement;
  }
}
