/** A platform database of a test's own: the SQL Server stand-in on a free port, with an empty data folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultTable } from '../../../local/faults.ts';
import { createEngine } from '../../../local/servers/sqlserver/engine.ts';
import { startSqlServer } from '../../../local/servers/sqlserver/server.ts';
import { withDatabase } from '../../../local/youflix/database.ts';

export interface TestPlatform {
  readonly connection: string;
  readonly faults: FaultTable;
  /** Rows of a query, over a connection of its own. */
  query<Row>(text: string): Promise<Row[]>;
  close(): Promise<void>;
}

export async function startPlatform(): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'youflix-'));
  const faults = new FaultTable();
  const engine = await createEngine({
    file: join(folder, 'youflix.duckdb'),
    databaseName: 'youflix',
    logins: [{ user: 'tester', password: 'Tester-1' }],
  });
  const server = await startSqlServer({ port: 0, engine, faults });
  const connection = `Server=127.0.0.1,${server.port};Database=youflix;User Id=tester;Password=Tester-1;Encrypt=false`;
  return {
    connection,
    faults,
    query: <Row>(text: string) =>
      withDatabase(connection, async pool => (await pool.request().query<Row>(text)).recordset as Row[]),
    async close() {
      await server.close();
      await engine.close();
      await rm(folder, { recursive: true });
    },
  };
}
