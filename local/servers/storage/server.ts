import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { FaultTable } from '../../faults.ts';
import type { GridEvent } from '../event-grid/grid-event.ts';
import { Account, type AccountOptions } from './account.ts';
import { serve } from './serve.ts';

export interface StorageOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Folder of the first account. Further accounts without a `root` of their own live beside it, each in a folder of its name. */
  readonly root: string;
  readonly accounts: readonly (Omit<AccountOptions, 'root'> & { readonly root?: string })[];
  /** File systems of the first account to make at start where they are missing. */
  readonly fileSystems?: readonly string[];
  readonly faults?: FaultTable;
  /** Hears of every change of a path, of every account, before the change is answered. */
  readonly events?: (event: GridEvent) => void;
  /** PEM. With it the server speaks https only, which bearer tokens need. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** One line per request. */
  readonly log?: (line: string) => void;
}

export interface StorageServer {
  /** Scheme, address and port; an account's endpoint is `url/ACCOUNT`. */
  readonly url: string;
  /** Stops serving; open requests are cut. */
  close(): Promise<void>;
}

/** The SDKs keep connections for a minute; closing one earlier would race with their next request. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Starts the ADLS Gen2 stand-in: the dfs and the Blob API of one or more accounts over plain folders.
 * @throws Error when the port is taken, or when another process serves the same folder
 */
export async function startStorage(options: StorageOptions): Promise<StorageServer> {
  const { events, faults, log, tls } = options;
  const accounts = new Map<string, Account>();
  const closeAccounts = () => Promise.all([...accounts.values()].map(account => account.close()));
  const listener: http.RequestListener = (request, response) => {
    void serve({ accounts, events, faults, log, secure: tls !== undefined }, request, response);
  };
  // No time limit on a request: a slow upload is none of the server's business.
  const settings = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, maxHeaderSize: 64 * 1024, noDelay: true };
  const server =
    tls === undefined ? http.createServer(settings, listener) : https.createServer({ ...settings, ...tls }, listener);
  try {
    for (const account of accountsOf(options)) accounts.set(account.name, new Account(account));
    await listen(server, options);
  } catch (error) {
    await closeAccounts();
    throw error;
  }
  const { address, port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await closeAccounts();
    },
  };
}

function accountsOf({ accounts, root, fileSystems = [] }: StorageOptions): AccountOptions[] {
  return accounts.map((account, at) => ({
    ...account,
    root: account.root ?? (at === 0 ? root : path.join(path.dirname(root), account.name)),
    fileSystems: [...(account.fileSystems ?? []), ...(at === 0 ? fileSystems : [])],
  }));
}

async function listen(server: http.Server, { port, address = '127.0.0.1' }: StorageOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, address, resolve);
  await promise.catch(cause => {
    throw new Error(`storage: cannot listen on ${address}:${port}: choose another port or stop what uses it`, {
      cause,
    });
  });
}
