/** TMDB's API, version 3 (developer.themoviedb.org/reference): one call, `get`. */
import { ConfigError, errorMessage, LakeError, PermanentError, TransientError } from '../../errors.ts';
import { type RetryEffects, type RetryPolicy, withRetry } from '../../retry.ts';
import { answerError, redirectTarget, retryAfterMs, type TmdbAnswer } from './answers.ts';
import { type GateEffects, rateGate } from './rate-gate.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface TmdbClientOptions {
  /** `https://api.themoviedb.org`, or where a stand-in listens. */
  readonly url: string;
  /** The "API Read Access Token" of the account's settings: a bearer token. */
  readonly token: string;
  /** In any second, over all calls of this client: make one per process. TMDB allows about 40. */
  readonly requestsPerSecond: number;
  /** For one request, until the last byte of its answer. */
  readonly timeoutMs: number;
  readonly effects?: Partial<RetryEffects & GateEffects>;
}

export interface TmdbClient {
  /**
   * The body of a 200 answer, up to 4 MiB, as received. Repeats what time may heal: 429 (which holds off every other call too),
   * 408 and 5xx, timeouts, broken connections, bodies shorter than announced. Each repetition is taken from the budget.
   *
   * @throws ConfigError `tmdb-token` on 401 and 403; PermanentError `tmdb-<status>` on any other status, `redirect` to another host,
   *   `too-large`; TransientError when the patience is used up
   */
  get(path: string, query: Readonly<Record<string, string>>, budget?: RetryBudget): Promise<Uint8Array>;
}

/** More tries than elsewhere: in a storm of refusals, three of ten, one call in 170,000 is refused ten times. */
const retryPolicy: RetryPolicy = { attempts: 10, firstDelayMs: 250, maxDelayMs: 10_000 };

/** Who asks us to wait longer is left to the durable retry. */
const maxWaitMs = 60_000;

const maxBodyBytes = 4 * 1024 * 1024;
const maxRedirects = 5;

/** What a bearer token consists of (RFC 6750, section 2.1). */
const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/;

/** @throws ConfigError `tmdb-token` when the token cannot be one */
export function tmdbClient({ url, token, requestsPerSecond, timeoutMs, effects }: TmdbClientOptions): TmdbClient {
  // Looked at here because the error of `fetch` would show it.
  if (!bearerToken.test(token)) {
    const expected = 'expected letters, digits and -._~+/ only, with = at the end at most';
    throw new ConfigError(
      `TMDB_API_TOKEN: ${expected}, got ${token.length} characters with others among them; copy the API Read Access Token again`,
      { code: 'tmdb-token' },
    );
  }
  const authorization = `Bearer ${token}`;
  // Not compressed: what comes is what goes to bronze, and its length is the one that was announced.
  const headers = { authorization, accept: 'application/json', 'accept-encoding': 'identity' };
  const gate = rateGate(requestsPerSecond, effects);

  async function request(address: URL): Promise<TmdbAnswer> {
    const what = nameOf(address);
    try {
      // Redirects are ours to follow: the token must not go to another host.
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(address, { headers, redirect: 'manual', signal });
      return { what, status: response.status, headers: response.headers, body: await wholeBody(response, what) };
    } catch (error) {
      throw connectionError(error, what, timeoutMs);
    }
  }

  async function attempt(start: URL): Promise<Uint8Array> {
    let address = start;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await gate.pass(() => request(address));
      if (answer.status === 200) return answer.body;
      if (answer.status === 429) gate.holdOff(Math.min(retryAfterMs(answer.headers) ?? 0, maxWaitMs));
      const target = redirectTarget(answer, address);
      if (target === undefined) throw answerError(answer);
      address = target;
    }
    throw new PermanentError(`${nameOf(start)}: redirected more than ${maxRedirects} times; check TMDB_API_URL`, {
      code: 'redirect',
    });
  }

  return {
    get(path, query, budget) {
      const address = new URL(`${url.replace(/\/$/, '')}${path}`);
      address.search = new URLSearchParams(query).toString();
      const onRetry: RetryEffects['onRetry'] = (error, tries, delayMs) => {
        if (delayMs > maxWaitMs) throw error;
        budget?.spend(error);
        effects?.onRetry?.(error, tries, delayMs);
      };
      return withRetry(() => attempt(address), retryPolicy, { ...effects, onRetry });
    },
  };
}

/** A request as messages name it. */
function nameOf({ pathname, search }: URL): string {
  return `tmdb GET ${pathname}${search}`;
}

async function wholeBody({ body }: Response, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      throw new PermanentError(`${what}: expected an answer of at most ${maxBodyBytes} bytes, got more`, {
        code: 'too-large',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function connectionError(error: unknown, what: string, timeoutMs: number): LakeError {
  if (error instanceof LakeError) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new TransientError(`${what}: no whole answer within ${timeoutMs} ms`, { code: 'timeout', cause: error });
  }
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new TransientError(`${what}: the connection failed: ${errorMessage(reason)}`, {
    code: 'connection',
    cause: error,
  });
}
