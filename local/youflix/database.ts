/** The connection to the platform database, as any client of SQL Server makes it. */
import sql from 'mssql';

/** Enough for a batch of bulk rows on a slow laptop. */
const requestTimeoutMs = 120_000;

/**
 * Connects, gives `use` the pool, and closes it whatever happens.
 *
 * @param connection `Server=127.0.0.1,1433;Database=youflix;User Id=…;Password=…;Encrypt=true`
 */
export async function withDatabase<T>(connection: string, use: (pool: sql.ConnectionPool) => Promise<T>): Promise<T> {
  const pool = new sql.ConnectionPool({
    ...sql.ConnectionPool.parseConnectionString(connection),
    requestTimeout: requestTimeoutMs,
    // A SELECT before every statement would be half of the simulator's traffic.
    validateConnection: 'socket',
  });
  // Without a listener a broken idle connection would end the process; the next request reports it anyway.
  pool.on('error', () => undefined);
  try {
    await pool.connect();
    return await use(pool);
  } finally {
    await pool.close();
  }
}

/** Runs `work` in a transaction: all of it, or none where it throws. */
export async function inTransaction<T>(
  pool: sql.ConnectionPool,
  work: (transaction: sql.Transaction) => Promise<T>,
): Promise<T> {
  const transaction = new sql.Transaction(pool);
  // The server rolls back by itself after some errors and says so; the error that is thrown tells enough.
  transaction.on('rollback', () => undefined);
  await transaction.begin();
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback().catch(() => undefined);
    throw error;
  }
}
