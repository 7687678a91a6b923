/** A wire server over a scripted engine, and clients of it, for one test file. */
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import sql from 'mssql';
import { FaultTable } from '../../../local/faults.ts';
import { type SqlServer, type SqlServerOptions, startSqlServer } from '../../../local/servers/sqlserver/server.ts';
import { type ScriptedEngine, scriptedEngine } from './scripted-engine.ts';

export interface Wire {
  readonly engine: ScriptedEngine;
  readonly server: SqlServer;
  readonly faults: FaultTable;
  readonly logged: string[];
  pool(config?: Partial<sql.config>): Promise<sql.ConnectionPool>;
  /** A bare socket, for what no driver would send. */
  socket(): Promise<Socket>;
  close(): Promise<void>;
}

export async function startWire(options: Partial<SqlServerOptions> = {}): Promise<Wire> {
  const engine = await scriptedEngine();
  const faults = new FaultTable();
  const logged: string[] = [];
  const server = await startSqlServer({ port: 0, engine, faults, log: line => logged.push(line), ...options });
  const pools: sql.ConnectionPool[] = [];
  const sockets: Socket[] = [];
  return {
    engine,
    server,
    faults,
    logged,
    async pool(config = {}) {
      const pool = new sql.ConnectionPool({
        server: '127.0.0.1',
        port: server.port,
        user: 'sa',
        password: 'secret',
        database: 'youflix',
        ...config,
        pool: { max: 1, min: 0, ...config.pool },
        options: { encrypt: false, ...config.options },
      });
      // A connection that a fault cuts while idle is reported here as well.
      pool.on('error', () => undefined);
      pools.push(pool);
      return await pool.connect();
    },
    async socket() {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      await new Promise(resolve => socket.once('connect', resolve));
      return socket;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(pools.map(pool => pool.close()));
      await server.close();
      await engine.close();
    },
  };
}

/** Options of `mssql` that encrypt and trust the authority in this file, and nothing else. */
export async function trusting(caFile: string): Promise<sql.IOptions> {
  const ca = await readFile(caFile, 'utf8');
  return { encrypt: true, trustServerCertificate: false, cryptoCredentialsDetails: { ca } };
}

/** Waits until `condition` holds, looking often; fails after five seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
