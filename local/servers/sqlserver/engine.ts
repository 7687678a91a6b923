/**
 * The T-SQL engine of the local SQL Server: one DuckDB database, one connection for each session. What was committed survives
 * kill -9, rows and declarations alike, for both lie in the same DuckDB file.
 */
import { timingSafeEqual } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { type SqlEngine, SqlLoginError, type SqlSession } from './session.ts';
import { Catalog } from './tsql/catalog.ts';
import { systemClock } from './tsql/clock.ts';
import { sqlError } from './tsql/errors.ts';
import { Executor } from './tsql/executor.ts';
import type { Server } from './tsql/session-state.ts';
import { connectionSettings, loadCatalog, loadSystemViews, prepareDatabase } from './tsql/store.ts';
import { TsqlSession } from './tsql/tsql-session.ts';

export interface EngineOptions {
  /** A DuckDB database file, made when absent, or ':memory:'. */
  readonly file: string;
  readonly databaseName: string;
  readonly logins: readonly { readonly user: string; readonly password: string }[];
  /** The time in units of 100 ns since 1970-01-01 UTC. Default: the system's. */
  readonly clock?: () => bigint;
  /** DuckDB's `memory_limit`, e.g. `512MB`: sorts larger than that go to disk. */
  readonly memoryLimit?: string;
  readonly threads?: number;
}

/** Opens the database. @throws Error when the file is no DuckDB database, or is open in another process */
export async function createEngine(options: EngineOptions): Promise<SqlEngine> {
  const { file, databaseName, memoryLimit = '512MB', threads = 2 } = options;
  const instance = await DuckDBInstance.create(file, { memory_limit: memoryLimit, threads: String(threads) });
  const keeper = new Executor(await instance.connect());
  for (const setting of connectionSettings) await keeper.run(setting);
  await prepareDatabase(keeper, databaseName);
  const catalog = new Catalog();
  await loadCatalog(keeper, catalog);
  const systemViews = await loadSystemViews(keeper);
  const server: Server = { catalog, systemViews, database: databaseName, clock: options.clock ?? systemClock() };
  const sessions = new Set<SqlSession>();
  // The service's first fifty process ids belong to itself.
  let lastSpid = 50;

  return {
    async open({ user, password, database }) {
      const login = options.logins.find(each => each.user.toLowerCase() === user.toLowerCase());
      if (!login || !samePassword(login.password, password))
        throw new SqlLoginError(sqlError(18456, 1, user).toMessage());
      const known = ['', 'master', databaseName.toLowerCase()].includes(database.toLowerCase());
      if (!known) throw new SqlLoginError(sqlError(4060, 1, database).toMessage());
      lastSpid += 1;
      const executor = new Executor(await instance.connect());
      const session = await TsqlSession.open(server, executor, lastSpid, login.user, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    async close() {
      for (const session of sessions) await session.close();
      keeper.close();
      instance.closeSync();
    },
  };
}

function samePassword(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
