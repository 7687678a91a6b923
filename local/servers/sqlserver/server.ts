import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { FaultTable } from '../../faults.ts';
import type { SqlEngine } from './session.ts';
import { serveConnection } from './tds/connection.ts';
import type { ServerCertificate } from './tds/tls-channel.ts';

/** Where the server listens and what stands behind it. */
export interface SqlServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly address?: string;
  /** Stays the caller's: closing the server closes its sessions, not the engine. */
  readonly engine: SqlEngine;
  /** Without it no client can encrypt, and those that insist (`encrypt: true`) cannot connect. */
  readonly tls?: ServerCertificate;
  readonly faults?: FaultTable;
  /** Hears why a connection was closed on a client. Default: nobody. */
  readonly log?: (line: string) => void;
}

/** A server that listens. */
export interface SqlServer {
  readonly port: number;
  /** `mssql://127.0.0.1:1433` */
  readonly url: string;
  /** Cuts every connection, closes their sessions and stops listening. */
  close(): Promise<void>;
}

/** A SQL Server at the wire: TDS 7.2 to 7.4, and 8.0 where there is a certificate. */
export async function startSqlServer(options: SqlServerOptions): Promise<SqlServer> {
  const address = options.address ?? '127.0.0.1';
  const context = {
    engine: options.engine,
    tls: options.tls,
    faults: options.faults ?? new FaultTable(),
    log: options.log ?? (() => undefined),
  };
  const connections = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, socket => {
    connections.set(
      socket,
      serveConnection(socket, context).finally(() => connections.delete(socket)),
    );
  });
  server.listen(options.port, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `mssql://${address}:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      const serving = [...connections.values()];
      for (const socket of connections.keys()) socket.destroy();
      await Promise.all(serving);
      await closed;
    },
  };
}
