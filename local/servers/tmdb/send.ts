import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { FaultStatus } from '../faulty-connection.ts';
import { TmdbError } from './errors.ts';

/** What a request is answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const contentType = 'application/json;charset=utf-8';

/** @param known what the client has already, from its `if-none-match` */
export function jsonAnswer(body: object, maxAgeSeconds: number, known: string | undefined): Answer {
  const text = JSON.stringify(body);
  const etag = `W/"${createHash('md5').update(text).digest('hex')}"`;
  const headers = { 'content-type': contentType, 'cache-control': `public, max-age=${maxAgeSeconds}`, etag };
  return known === etag ? { status: 304, headers, text: '' } : { status: 200, headers, text };
}

/** The answer to a request that failed: refused, met by a fault, or a mistake of ours. */
export function errorAnswer(error: unknown): Answer {
  const { status, body, retryAfterSeconds } = asTmdbError(error);
  const headers: Record<string, string> = { 'content-type': contentType, 'cache-control': 'public, max-age=300' };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  return { status, headers, text: JSON.stringify(body) };
}

function asTmdbError(error: unknown): TmdbError {
  if (error instanceof TmdbError) return error;
  if (error instanceof FaultStatus) return TmdbError.forStatus(error.status, error.retryAfterSeconds);
  // The service would say less; whoever works on the stand-in wants to know.
  return new TmdbError(11, { message: String(error) });
}

/**
 * Sends an answer: as the service does it, compressed where the client can read that, and without its length.
 * @param asked the request's headers
 * @param cutAfterBytes cut the connection once that many bytes of the body, as they travel, were sent
 */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, text }: Answer,
  asked: IncomingHttpHeaders,
  cutAfterBytes?: number,
): void {
  const compressed = text !== '' && String(asked['accept-encoding']).includes('gzip');
  const body = compressed ? gzipSync(text) : Buffer.from(text);
  const encoding = compressed ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(status, { ...headers, ...encoding, vary: 'accept-encoding, Origin' });
  if (cutAfterBytes === undefined) response.end(body);
  else response.write(body.subarray(0, cutAfterBytes), () => response.destroy());
}
