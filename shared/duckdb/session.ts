/** One in-process DuckDB: the engine under every heavy step. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue, Json } from '@duckdb/node-api';
import { errorMessage, PermanentError } from '../errors.ts';

export interface DuckDbOptions {
  /** A local folder for what does not fit into memory; made when missing. */
  readonly scratch: string;
  /**
   * What DuckDB may hold at once. The process takes up to 200 MiB more (measured), so the default suits a host of 512 MiB.
   * A batch of 2048 rows must fit several times over.
   * @default 256
   */
  readonly memoryLimitMiB?: number;
  /** @default 2 */
  readonly threads?: number;
}

/** Parameters of a statement: `$1`, `$2`, … */
export type SqlParameters = readonly (string | number | bigint | boolean | null)[];

/** BIGINT, DECIMAL, dates and timestamps arrive as text, so that no digit is lost on the way. */
export type SqlRow = Readonly<Record<string, Json>>;

/** A connection. Statements on one run one after another; statements on forks run side by side. */
export interface DuckDbSession {
  readonly threads: number;
  /** @throws PermanentError `duckdb` with DuckDB's message and the start of the statement */
  run(sql: string, parameters?: SqlParameters): Promise<void>;
  /** All rows of the answer at once: for small answers. @throws PermanentError `duckdb` */
  rows(sql: string, parameters?: SqlParameters): Promise<readonly SqlRow[]>;
  /** Another connection to the same database: sees its tables, not its temporary ones. Close it before its parent. */
  fork(): Promise<DuckDbSession>;
  /** Ends the connection; on the session that `openDuckDb` returned, the database too. */
  close(): void;
  [Symbol.dispose](): void;
}

/** An empty in-memory database in UTC that never looks for extensions on the network. */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDbSession> {
  const threads = options.threads ?? 2;
  const spill = join(options.scratch, 'duckdb-spill');
  await mkdir(spill, { recursive: true });
  // Loaded here and not at the top: only the heavy steps need the native library.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryLimitMiB ?? 256}MiB`,
    threads: String(threads),
    temp_directory: spill,
    // Keeping the order of a scan costs memory that is not there; ORDER BY orders all the same.
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  // GLOBAL: forks start from it too. Not an option of the instance: the extension that knows it is loaded later.
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  return session(instance, connection, threads, () => instance.closeSync());
}

/** `name` as a quoted identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `text` as a string literal. */
export function sqlText(text: string): string {
  // NUL would end the statement's text inside DuckDB's C interface.
  if (text.includes('\0')) return `(${text.split('\0').map(sqlText).join(' || chr(0) || ')})`;
  return `'${text.replaceAll("'", "''")}'`;
}

function session(
  instance: DuckDBInstance,
  connection: DuckDBConnection,
  threads: number,
  closeDatabase: () => void,
): DuckDbSession {
  const close = (): void => {
    connection.closeSync();
    closeDatabase();
  };
  return {
    threads,
    async run(sql, parameters) {
      await explained(sql, () => connection.run(sql, values(parameters)));
    },
    async rows(sql, parameters) {
      const reader = await explained(sql, () => connection.runAndReadAll(sql, values(parameters)));
      return reader.getRowObjectsJson();
    },
    async fork() {
      return session(instance, await instance.connect(), threads, () => undefined);
    },
    close,
    [Symbol.dispose]: close,
  };
}

function values(parameters: SqlParameters | undefined): DuckDBValue[] | undefined {
  return parameters === undefined ? undefined : [...parameters];
}

async function explained<T>(sql: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const start = sql.replace(/\s+/g, ' ').slice(0, 200);
    throw new PermanentError(`duckdb: ${errorMessage(cause)}; statement: ${start}`, { code: 'duckdb', cause });
  }
}
