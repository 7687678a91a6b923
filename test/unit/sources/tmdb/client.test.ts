import { createServer } from 'node:net';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, PermanentError, TransientError } from '../../../../shared/errors.ts';
import { countingRetries } from '../../../../shared/retry.ts';
import { type TmdbClient, type TmdbClientOptions, tmdbClient } from '../../../../shared/sources/tmdb/client.ts';
import { retryBudget } from '../../../../shared/sources/tmdb/retry-budget.ts';
import { type Answer, answering } from './answering.ts';
import { token } from './movies.ts';
import { skippedTime } from './virtual-time.ts';

const path = '/3/movie/popular';
const query = { language: 'en-US', page: '7' };
const what = 'tmdb GET /3/movie/popular?language=en-US&page=7';

function client(
  url: string,
  options: Partial<TmdbClientOptions> = {},
): TmdbClient & { readonly slept: readonly number[] } {
  const { slept, ...time } = skippedTime();
  const effects = { ...time, random: () => 0 };
  return { slept, ...tmdbClient({ url, token, requestsPerSecond: 1e6, timeoutMs: 5000, effects, ...options }) };
}

/** Gives each answer in turn, the last one for ever. */
function inTurn(...answers: readonly Answer[]): (url: URL, response: unknown, count: number) => Answer {
  return (_url, _response, count) => answers[Math.min(count, answers.length) - 1] ?? {};
}

const good: Answer = { body: '{"page":7}' };

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('expected an error'),
    (error: unknown) => error,
  );
}

describe('a request', () => {
  test('carries path, query and bearer token; the answer comes back byte for byte', async () => {
    const body = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x00, 0x7b, 0x0a]);
    await using server = await answering(() => ({ body }));
    expect(Buffer.from(await client(server.url).get(path, query))).toEqual(body);
    expect(server.requests).toEqual(['/3/movie/popular?language=en-US&page=7']);
    expect(server.headers[0]).toMatchObject({
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'accept-encoding': 'identity',
    });
  });

  test('goes below the path of the address, with or without a slash at its end', async () => {
    await using server = await answering(() => good);
    await client(`${server.url}/proxy/`).get(path, {});
    await client(`${server.url}/proxy`).get(path, {});
    expect(server.requests).toEqual(['/proxy/3/movie/popular', '/proxy/3/movie/popular']);
  });
});

describe('repeated', () => {
  test.each([408, 429, 500, 502, 503, 504])('status %i', async status => {
    await using server = await answering(inTurn({ status }, { status }, good));
    const { result, retries } = await countingRetries(() => client(server.url).get(path, query));
    expect(Buffer.from(result).toString()).toBe(good.body);
    expect(retries).toBe(2);
  });

  test('a connection that is reset, before the answer and in the middle of it', async () => {
    await using server = await answering((_url, response, count) => {
      if (count === 1) response.destroy();
      if (count === 2) {
        response.writeHead(200, { 'content-length': '100' }).write('{"page"');
        setImmediate(() => response.destroy());
      }
      return count < 3 ? undefined : good;
    });
    expect(Buffer.from(await client(server.url).get(path, query)).toString()).toBe(good.body);
  });

  test('a body that ends before the length it was announced with', async () => {
    let connections = 0;
    const server = createServer(socket => {
      connections += 1;
      const length = connections === 1 ? 100 : 10;
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n{"page":7}`));
      socket.on('error', () => undefined);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(Buffer.from(await client(`http://127.0.0.1:${port}`).get(path, query)).toString()).toBe('{"page":7}');
    expect(connections).toBe(2);
    server.close();
  });

  test('an answer that does not come in time, or not to its end', async () => {
    await using server = await answering((_url, response, count) => {
      if (count === 2) response.writeHead(200).write('{');
      return count < 3 ? undefined : good;
    });
    const { get } = client(server.url, { timeoutMs: 60 });
    expect(Buffer.from(await get(path, query)).toString()).toBe(good.body);
  });

  test('until the patience is used up; then it says what was asked and what came', async () => {
    await using server = await answering(() => ({ status: 503 }));
    const error = await failure(client(server.url).get(path, query));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'tmdb-503', message: `${what}: the service answered 503` });
    expect(server.requests).toHaveLength(10);
  });

  test('no more often than the run may', async () => {
    await using server = await answering(() => ({ status: 503 }));
    const budget = retryBudget(3);
    const { get } = client(server.url);
    const error = await failure(get(path, query, budget));
    expect(error).toMatchObject({
      kind: 'transient',
      code: 'retry-budget',
      message: `3 calls were repeated in this run, and again: ${what}: the service answered 503`,
    });
    expect(server.requests).toHaveLength(4);
    expect(await failure(get(path, query, budget))).toMatchObject({ code: 'retry-budget' });
    expect(server.requests).toHaveLength(5);
  });

  test('where nobody listens: transient, with the reason', async () => {
    const server = await answering(() => good);
    await server[Symbol.asyncDispose]();
    const error = await failure(client(server.url).get(path, query));
    expect(error).toMatchObject({ kind: 'transient', code: 'connection' });
    expect((error as Error).message).toMatch(/^tmdb GET .*: the connection failed: .*ECONNREFUSED/);
  });
});

describe('Retry-After', () => {
  const refusal = (retryAfter: string): Answer => ({ status: 429, headers: { 'retry-after': retryAfter } });

  test('in seconds', async () => {
    await using server = await answering(inTurn(refusal('7'), good));
    const { get, slept } = client(server.url);
    await get(path, query);
    expect(slept).toContain(7000);
  });

  test('as a date', async () => {
    const inHalfAMinute = new Date(Date.now() + 30_000).toUTCString();
    await using server = await answering(inTurn(refusal(inHalfAMinute), good));
    const { get, slept } = client(server.url);
    await get(path, query);
    const longest = Math.max(...slept);
    expect(longest).toBeGreaterThan(28_000);
    expect(longest).toBeLessThanOrEqual(30_000);
  });

  test('in the past, or as nonsense: the own delay holds', async () => {
    const past = new Date(Date.now() - 30_000).toUTCString();
    await using server = await answering(inTurn(refusal(past), refusal('soon'), refusal('-3'), good));
    const { get, slept } = client(server.url);
    await get(path, query);
    expect(slept.filter(ms => ms > 1)).toEqual([]);
  });

  test('longer than a minute: left to whoever has more patience', async () => {
    await using server = await answering(inTurn(refusal('3600'), good));
    const error = await failure(client(server.url).get(path, query));
    expect(error).toMatchObject({ kind: 'transient', code: 'tmdb-429', retryAfterMs: 3_600_000 });
    expect(server.requests).toHaveLength(1);
  });

  test('holds off every call of the client, not only the one refused', async () => {
    const arrivals: number[] = [];
    await using server = await answering((_url, _response, count) => {
      arrivals.push(performance.now());
      return count === 1 ? refusal('1') : good;
    });
    const { get } = tmdbClient({ url: server.url, token, requestsPerSecond: 1000, timeoutMs: 5000 });
    const refused = get(path, query);
    while (arrivals.length === 0) await new Promise(resolve => setImmediate(resolve));
    // The refusal is on its way; whoever asks after it has come waits as well.
    await new Promise(resolve => setTimeout(resolve, 100));
    await Promise.all([refused, get(path, { page: '8' }), get(path, { page: '9' })]);
    const [first = 0, ...others] = arrivals;
    for (const at of others) expect(at - first).toBeGreaterThanOrEqual(990);
  });
});

describe('not repeated', () => {
  test.each([401, 403])('status %i: the setting to look at', async status => {
    await using server = await answering(() => ({ status }));
    const error = await failure(client(server.url).get(path, query));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: 'tmdb-token',
      message: `${what}: the service answered ${status}; check TMDB_API_TOKEN: it is wrong, or no longer valid`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([204, 304, 400, 404, 405, 422])('status %i', async status => {
    await using server = await answering(() => ({ status }));
    const error = await failure(client(server.url).get(path, query));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: `tmdb-${status}` });
    expect(server.requests).toHaveLength(1);
  });

  test('a body over 4 MiB; one of 4 MiB is fine', async () => {
    const limit = 4 * 1024 * 1024;
    await using server = await answering(inTurn({ body: Buffer.alloc(limit) }, { body: Buffer.alloc(limit + 1) }));
    const { get } = client(server.url);
    expect(await get(path, query)).toHaveLength(limit);
    expect(await failure(get(path, query))).toMatchObject({ kind: 'permanent', code: 'too-large' });
  });
});

describe('a redirect', () => {
  test('on the same host is followed, with the token', async () => {
    const redirect = { status: 302, headers: { location: '/3/elsewhere?page=7' } };
    await using server = await answering(inTurn(redirect, good));
    expect(Buffer.from(await client(server.url).get(path, query)).toString()).toBe(good.body);
    expect(server.requests[1]).toBe('/3/elsewhere?page=7');
    expect(server.headers[1]).toMatchObject({ authorization: `Bearer ${token}` });
  });

  test.each([301, 302, 303, 307, 308])(
    'to another host (%i) is refused, and the other host hears nothing',
    async status => {
      await using other = await answering(() => good);
      await using server = await answering(() => ({ status, headers: { location: `${other.url}/3/movie/popular` } }));
      const error = await failure(client(server.url).get(path, query));
      expect(error).toBeInstanceOf(PermanentError);
      expect(error).toMatchObject({
        code: 'redirect',
        message: `${what}: expected an answer from ${server.url}, got a redirect to ${other.url}; check TMDB_API_URL`,
      });
      expect(other.requests).toEqual([]);
    },
  );

  test.each(['', 'http://', 'https://127.0.0.1/', '//evil.example/3'])('to %j is refused', async location => {
    await using server = await answering(() => ({ status: 302, headers: { location } }));
    expect(await failure(client(server.url).get(path, query))).toMatchObject({ code: 'redirect' });
  });

  test('in a circle ends', async () => {
    await using server = await answering(() => ({ status: 302, headers: { location: path } }));
    expect(await failure(client(server.url).get(path, query))).toMatchObject({ kind: 'permanent', code: 'redirect' });
    expect(server.requests).toHaveLength(6);
  });
});

describe('the token', () => {
  test.each(['', 'with space', 'with\nnewline', 'ümlaut', 'abc\u0000', 'a=b'])('%j cannot be one', async bad => {
    expect(() => client('http://127.0.0.1:9', { token: bad })).toThrow(ConfigError);
    expect(() => client('http://127.0.0.1:9', { token: bad })).toThrow(/^TMDB_API_TOKEN: expected letters/);
  });

  test('is in no error, whatever the token and whatever the answer', async () => {
    const refusals: readonly Answer[] = [
      { status: 401, body: '{"status_code":7}' },
      { status: 404 },
      { status: 503 },
      { status: 429, headers: { 'retry-after': '100' } },
      { status: 302, headers: { location: 'https://evil.example/' } },
      { body: Buffer.alloc(4 * 1024 * 1024 + 1) },
    ];
    await using server = await answering((url, response) => {
      const number = Number(url.searchParams.get('page'));
      if (number < refusals.length) return refusals[number];
      response.destroy();
      return undefined;
    });
    // With signs among them that no bearer token may have.
    const tokens = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~+/= \n\tü"'), minLength: 12, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(tokens, fc.integer({ min: 0, max: refusals.length }), async (secret, page) => {
        const error = await failure(
          (async () => client(server.url, { token: secret }).get(path, { page: String(page) }))(),
        );
        const shown = [
          inspect(error, { depth: 10, showHidden: true }),
          String((error as Error).stack),
          JSON.stringify(error),
        ];
        for (const text of shown) expect(text).not.toContain(secret);
      }),
      { numRuns: 60 },
    );
  });
});
