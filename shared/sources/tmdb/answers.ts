/** What TMDB's answers mean to the caller, by status alone. Source: developer.themoviedb.org/docs/errors. */
import { ConfigError, type LakeError, PermanentError, TransientError } from '../../errors.ts';

export interface TmdbAnswer {
  /** The request, as messages name it. */
  readonly what: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The error of an answer that is not 200 and no redirect. Nothing of its body is quoted: it may repeat what we sent. */
export function answerError({ what, status, headers }: TmdbAnswer): LakeError {
  const answer = `${what}: the service answered ${status}`;
  const code = `tmdb-${status}`;
  if (status === 401 || status === 403) {
    return new ConfigError(`${answer}; check TMDB_API_TOKEN: it is wrong, or no longer valid`, { code: 'tmdb-token' });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(headers);
    return new TransientError(answer, { code, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) });
  }
  return new PermanentError(`${answer}; check the path in shared/catalog/tmdb-lists.ts, and TMDB_API_URL`, { code });
}

/** `Retry-After` in milliseconds: given as seconds or as a date (RFC 9110, section 10.2.3); undefined when there is none. */
export function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/**
 * Where a redirect leads; undefined for any other answer.
 * @throws PermanentError `redirect` when that is not the same host: it would get the token
 */
export function redirectTarget({ what, status, headers }: TmdbAnswer, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = headers.get('location') ?? '';
  const target = location === '' ? null : URL.parse(location, from.href);
  if (target?.origin === from.origin) return target;
  throw new PermanentError(
    `${what}: expected an answer from ${from.origin}, got a redirect to ${target?.origin ?? 'nowhere'}; check TMDB_API_URL`,
    { code: 'redirect' },
  );
}
