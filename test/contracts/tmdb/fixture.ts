/** A stand-in of ten thousand titles on a fixed day, and a client of it. */
import { startTmdb, type TmdbOptions, type TmdbServer } from '../../../local/servers/tmdb/server.ts';

export const token = 'a-read-access-token';
export const titles = 10_000;
export const noon = Date.parse('2026-11-22T12:00:00Z');

/** Without a limit, unless the options have one. */
export function start(options: Partial<TmdbOptions> = {}): Promise<TmdbServer> {
  return startTmdb({ port: 0, token, seed: 1, titles, requestsPerSecond: Infinity, now: () => noon, ...options });
}

/** @param path below the address */
export function get(server: TmdbServer, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
}

/** What an answer says, if it is a good one. */
export async function read(server: TmdbServer, path: string): Promise<unknown> {
  const response = await get(server, path);
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  return response.json();
}
