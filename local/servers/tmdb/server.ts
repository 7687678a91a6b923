import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FaultTable } from '../../faults.ts';
import type { ListName } from './lists.ts';
import { loadMovies } from './movies.ts';
import { RateLimit } from './rate-limit.ts';
import { serve } from './serve.ts';
import { type ListEdit, ListEdits, Sources } from './sources.ts';

export interface TmdbOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** The one that is valid, as a bearer token and as an API key. */
  readonly token: string;
  /** Of the IMDb generator, as is `titles`: with the same ones the movies are those of IMDb's first delivery. */
  readonly seed: number;
  readonly titles: number;
  /** Default 40; Infinity for no limit. */
  readonly requestsPerSecond?: number;
  readonly faults?: FaultTable;
  /** Says which day it is, in milliseconds since 1970. Default the clock. */
  readonly now?: () => number;
  /** One line per request, without its query but for the page. */
  readonly log?: (line: string) => void;
}

export interface TmdbServer {
  /** Scheme, address and port; the API's paths begin with `/3`. */
  readonly url: string;
  /** Since the start: requests, and how many of them were answered 429. */
  readonly stats: { readonly requests: number; readonly throttled: number };
  /** Changes a list from now on, on top of earlier edits: a movie that moves, fewer pages than before. */
  edit(list: ListName, edit: ListEdit): void;
  /** Stops serving; open requests are cut. */
  close(): Promise<void>;
}

/**
 * Starts the TMDB stand-in: the v3 API's lists and lookups over the movies of the IMDb generator.
 * @throws Error when the port is taken
 */
export async function startTmdb(options: TmdbOptions): Promise<TmdbServer> {
  const { token, faults, log, now = Date.now } = options;
  const edits = new ListEdits();
  let made: Promise<Sources> | undefined;
  const sources = (): Promise<Sources> => {
    made ??= loadMovies(options.seed, options.titles).then(movies => new Sources(movies, edits, now));
    return made;
  };
  const limit = new RateLimit(options.requestsPerSecond ?? 40);
  const stats = { requests: 0, throttled: 0 };
  const service = { token, limit, sources, faults, log, stats };
  const server = http.createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    void serve(service, request, response);
  });
  await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stats,
    edit: (list, edit) => edits.add(list, edit),
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Longer than clients keep a connection: closing one earlier would race with their next request. */
const keepAliveMs = 75_000;

async function listen(server: http.Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, '127.0.0.1', resolve);
  await promise.catch(cause => {
    throw new Error(`tmdb: cannot listen on 127.0.0.1:${port}: choose another port or stop what uses it`, { cause });
  });
}
