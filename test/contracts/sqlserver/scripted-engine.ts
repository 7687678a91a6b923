/** A SqlEngine without T-SQL, for tests of the wire: hands SQL to DuckDB as it is, except for the texts that a script answers. */
import {
  type DuckDBConnection,
  DuckDBDecimalType,
  DuckDBInstance,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type {
  IsolationLevel,
  SessionEvent,
  SqlColumn,
  SqlEngine,
  SqlMessage,
  SqlParameter,
  SqlSession,
  SqlType,
  SqlValue,
} from '../../../local/servers/sqlserver/session.ts';
import { SqlLoginError } from '../../../local/servers/sqlserver/session.ts';

export type Script = (
  parameters: readonly SqlParameter[],
  signal: AbortSignal,
) => Iterable<SessionEvent> | AsyncIterable<SessionEvent>;

export interface ScriptedEngine extends SqlEngine {
  /** What the sessions were asked, in order. */
  readonly calls: string[];
  readonly scripts: Map<string, Script>;
  readonly duck: DuckDBConnection;
  /** Events produced so far, over all sessions: tells whether a paused client stops the engine. */
  produced: number;
  openSessions: number;
  /** Raised at the first rows of a bulk load. */
  refuseBulk: SqlMessage | undefined;
  bulk: { table: string; columns: readonly SqlColumn[]; rows: (readonly SqlValue[])[] } | undefined;
}

export async function scriptedEngine(): Promise<ScriptedEngine> {
  const instance = await DuckDBInstance.create(':memory:');
  const duck = await instance.connect();
  let lastSpid = 50;
  const engine: ScriptedEngine = {
    calls: [],
    scripts: new Map(),
    duck,
    produced: 0,
    openSessions: 0,
    refuseBulk: undefined,
    bulk: undefined,
    async open({ user, password, database }) {
      engine.calls.push(`LOGIN ${user}`);
      if (password === 'wrong') {
        throw new SqlLoginError({ number: 18456, state: 1, class: 14, message: `Login failed for user '${user}'.` });
      }
      lastSpid += 1;
      engine.openSessions += 1;
      return new ScriptedSession(engine, await instance.connect(), lastSpid, database || 'youflix');
    },
    async close() {
      duck.closeSync();
      instance.closeSync();
    },
  };
  return engine;
}

class ScriptedSession implements SqlSession {
  readonly spid: number;
  readonly database: string;
  readonly #engine: ScriptedEngine;
  readonly #duck: DuckDBConnection;
  inTransaction = false;

  constructor(engine: ScriptedEngine, duck: DuckDBConnection, spid: number, database: string) {
    this.#engine = engine;
    this.#duck = duck;
    this.spid = spid;
    this.database = database;
  }

  async *batch(sql: string, parameters: readonly SqlParameter[], signal: AbortSignal): AsyncIterable<SessionEvent> {
    this.#engine.calls.push(sql);
    const script = this.#engine.scripts.get(sql.trim());
    if (script !== undefined) yield* this.#counted(script(parameters, signal));
    else if (/^\s*(set|use)\s/i.test(sql)) yield { kind: 'done', command: 'other' };
    else yield* this.#counted(this.#query(sql, parameters, signal));
  }

  async *procedure(
    name: string,
    parameters: readonly SqlParameter[],
    signal: AbortSignal,
  ): AsyncIterable<SessionEvent> {
    this.#engine.calls.push(`EXEC ${name}`);
    const script = this.#engine.scripts.get(name);
    if (script !== undefined) yield* this.#counted(script(parameters, signal));
    else {
      const message = `Could not find stored procedure '${name}'.`;
      yield { kind: 'message', message: { number: 2812, state: 62, class: 16, message } };
    }
  }

  async *#counted(events: Iterable<SessionEvent> | AsyncIterable<SessionEvent>): AsyncIterable<SessionEvent> {
    for await (const event of events) {
      this.#engine.produced += 1;
      yield event;
    }
  }

  async *#query(sql: string, parameters: readonly SqlParameter[], signal: AbortSignal): AsyncIterable<SessionEvent> {
    signal.addEventListener('abort', () => this.#duck.interrupt(), { once: true });
    const values = Object.fromEntries(
      parameters.map(({ name, value }) => [name.slice(1), value instanceof Uint8Array ? null : value]),
    );
    const statement = await this.#duck.prepare(sql.replaceAll('@', '$'));
    statement.bind(values);
    const result = await statement.stream();
    const columns = result.columnNames().map((name, index) => ({
      name,
      type: declaredType(result.columnType(index)),
      nullable: true,
    }));
    yield { kind: 'columns', columns };
    let rowCount = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      rowCount += chunk.rowCount;
      yield { kind: 'chunk', chunk };
    }
    yield { kind: 'done', command: 'select', rowCount };
  }

  async bulkInsert(
    table: string,
    columns: readonly SqlColumn[],
    rows: AsyncIterable<readonly (readonly SqlValue[])[]>,
  ): Promise<number> {
    const received: (readonly SqlValue[])[] = [];
    this.#engine.bulk = { table, columns, rows: received };
    for await (const batch of rows) {
      if (this.#engine.refuseBulk !== undefined) {
        throw Object.assign(new Error(this.#engine.refuseBulk.message), this.#engine.refuseBulk);
      }
      received.push(...batch);
    }
    return received.length;
  }

  async begin(isolation: IsolationLevel): Promise<void> {
    this.#engine.calls.push(`BEGIN ${isolation}`);
    this.inTransaction = true;
  }

  async commit(): Promise<void> {
    this.#engine.calls.push('COMMIT');
    this.inTransaction = false;
  }

  async rollback(): Promise<void> {
    this.#engine.calls.push('ROLLBACK');
    this.inTransaction = false;
  }

  async reset(): Promise<void> {
    this.#engine.calls.push('RESET');
  }

  async close(): Promise<void> {
    this.#engine.openSessions -= 1;
    this.#duck.closeSync();
  }
}

function declaredType(type: DuckDBType): SqlType {
  if (type instanceof DuckDBDecimalType) return { name: 'decimal', precision: type.width, scale: type.scale };
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { name: 'bit' };
    case DuckDBTypeId.UTINYINT:
      return { name: 'tinyint' };
    case DuckDBTypeId.SMALLINT:
      return { name: 'smallint' };
    case DuckDBTypeId.INTEGER:
      return { name: 'int' };
    case DuckDBTypeId.BIGINT:
      return { name: 'bigint' };
    case DuckDBTypeId.FLOAT:
      return { name: 'real' };
    case DuckDBTypeId.DOUBLE:
      return { name: 'float' };
    case DuckDBTypeId.HUGEINT:
      return { name: 'decimal', precision: 38, scale: 0 };
    case DuckDBTypeId.DATE:
      return { name: 'date' };
    case DuckDBTypeId.TIME:
      return { name: 'time', scale: 7 };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_NS:
      return { name: 'datetime2', scale: 7 };
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { name: 'datetimeoffset', scale: 7 };
    case DuckDBTypeId.UUID:
      return { name: 'uniqueidentifier' };
    case DuckDBTypeId.BLOB:
      return { name: 'varbinary', length: -1 };
    default:
      return { name: 'nvarchar', length: -1 };
  }
}
