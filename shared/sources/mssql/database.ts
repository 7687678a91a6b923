/** A connection to the source database, and the three ways the extract reads it. The only importer of `mssql`. */
import type sql from 'mssql';
import { LakeError } from '../../errors.ts';
import { sqlError } from './sql-errors.ts';
import type { Condition } from './window.ts';

/** Rows converted at a time: enough that batches do not cost, few enough that all of them die young in the garbage collector. */
const rowsPerBatch = 250;

/** Converted batches ahead of the consumer before the server is told to wait. */
const batchesAhead = 16;

export interface SourceSession {
  /** All rows of a small result, as objects. @throws LakeError */
  rows(what: string, text: string, parameters?: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]>;

  /**
   * A large result, converted batch by batch as it arrives; the server waits while the consumer does. The rows given to `convert`
   * are arrays of values and belong to it only during the call: kept rows would cost more than all the rest.
   * @throws LakeError, and what `convert` throws
   */
  stream<T>(
    what: string,
    text: string,
    parameters: Condition['parameters'],
    convert: (rows: readonly (readonly unknown[])[]) => T,
  ): AsyncIterable<T>;
}

/**
 * Opens a connection, gives `use` a session inside one snapshot transaction (every statement sees the same moment; needs
 * ALLOW_SNAPSHOT_ISOLATION, on by default in Azure SQL Database), and closes it whatever happens.
 *
 * @throws TransientError when the server is away or a transient error number came; ConfigError when the login is refused
 */
export async function inSnapshot<T>(connection: string, use: (session: SourceSession) => Promise<T>): Promise<T> {
  // Loaded here and not at the top: only a run needs the driver, and it is a third of a cold start.
  const { default: driver } = await import('mssql');
  // A pool of one: the session must stay on its connection, and activities run side by side, each with its own.
  const pool = new driver.ConnectionPool({
    ...driver.ConnectionPool.parseConnectionString(connection),
    pool: { min: 0, max: 1 },
  });
  try {
    await guarded('connect', () => pool.connect());
    // Without a listener a broken idle connection would end the process; the next request reports it anyway.
    pool.on('error', () => undefined);
    const transaction = new driver.Transaction(pool);
    transaction.on('rollback', () => undefined);
    await guarded('begin snapshot', () => transaction.begin(driver.ISOLATION_LEVEL.SNAPSHOT));
    try {
      const result = await use(sessionOn(driver, transaction));
      await guarded('commit', () => transaction.commit());
      return result;
    } catch (error) {
      await transaction.rollback().catch(() => undefined);
      throw error;
    }
  } finally {
    await pool.close().catch(() => undefined);
  }
}

function sessionOn(driver: typeof sql, transaction: sql.Transaction): SourceSession {
  const request = (parameters: Readonly<Record<string, string>> = {}): sql.Request => {
    const made = new driver.Request(transaction);
    for (const [name, value] of Object.entries(parameters)) made.input(name, driver.NVarChar, value);
    return made;
  };
  return {
    async rows(what, text, parameters) {
      const answer = await guarded(what, () => request(parameters).query<Record<string, unknown>>(text));
      return answer.recordset;
    },
    stream: (what, text, parameters, convert) => streamRows(request(parameters), what, text, convert),
  };
}

async function* streamRows<T>(
  request: sql.Request,
  what: string,
  text: string,
  convert: (rows: readonly (readonly unknown[])[]) => T,
): AsyncIterable<T> {
  request.stream = true;
  request.arrayRowMode = true;
  const ready: T[] = [];
  const batch: unknown[][] = [];
  let failure: unknown;
  let ended = false;
  let paused = false;
  let wake: () => void = () => undefined;

  const convertBatch = (): void => {
    try {
      if (failure === undefined) ready.push(convert(batch));
    } catch (error) {
      failure = error;
    }
    batch.length = 0;
  };
  request.on('row', (row: unknown) => {
    batch.push(row as unknown[]);
    if (batch.length < rowsPerBatch) return;
    convertBatch();
    if (ready.length >= batchesAhead && !paused) {
      paused = true;
      request.pause();
    }
    wake();
  });
  request.on('error', (error: unknown) => {
    // The first error is the cause; those that follow are its echo.
    failure ??= error;
    wake();
  });
  request.on('done', () => {
    ended = true;
    if (batch.length > 0) convertBatch();
    wake();
  });
  const settled = request.query(text).catch((error: unknown) => {
    failure ??= error;
    wake();
  });

  try {
    while (true) {
      const next = ready.shift();
      if (next !== undefined) {
        if (paused && ready.length < batchesAhead / 2) {
          paused = false;
          request.resume();
        }
        yield next;
        continue;
      }
      if (failure !== undefined) throw failure instanceof LakeError ? failure : sqlError(failure, what);
      if (ended) return;
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  } finally {
    if (!ended) {
      request.cancel();
      request.resume();
      // An error comes before the end of its request, and a transaction with a request in progress cannot be rolled back: the
      // connection would stay taken, and the pool would wait for it when it closes.
      await settled;
    }
  }
}

async function guarded<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw sqlError(error, what);
  }
}
