import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Service, serve } from './serve.ts';

/** The socket that publishers and handshakes by hand come to. */
export interface TopicServer {
  /** Scheme, address and port. */
  readonly url: string;
  /** Stops serving; open requests are cut. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1.
 * @param port 0 for a free one
 * @throws Error when the port is taken
 */
export async function listen(port: number, service: Service): Promise<TopicServer> {
  const server = http.createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    void serve(service, request, response);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, '127.0.0.1', resolve);
  await promise.catch(cause => {
    const cure = 'choose another port or stop what uses it';
    throw new Error(`event grid: cannot listen on 127.0.0.1:${port}: ${cure}`, { cause });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Longer than clients keep a connection: closing one earlier would race with their next request. */
const keepAliveMs = 75_000;
