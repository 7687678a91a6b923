import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpCall, TaskResult } from './instance.ts';

const defaultPollMs = 30_000;

/**
 * Carries out `context.df.callHttp`. A 202 with a Location is followed here, inside the one task, until another status comes, so
 * that the SDK never sees it and takes no ids for it.
 */
export async function callHttp(request: HttpCall): Promise<TaskResult> {
  try {
    let response = await send(request.method, request.uri, request.headers, request.content);
    while (request.asynchronousPatternEnabled && response.status === 202) {
      const location = response.headers.get('location');
      if (location === null) break;
      const seconds = Number(response.headers.get('retry-after'));
      await response.body?.cancel();
      await sleep(seconds > 0 ? seconds * 1000 : defaultPollMs, undefined, { ref: false });
      const { 'x-functions-key': _, ...headers } = request.headers ?? {};
      response = await send('GET', new URL(location, response.url).href, headers, undefined);
    }
    const headers = Object.fromEntries(response.headers);
    const result = { statusCode: response.status, headers, content: await response.text() };
    return { ok: true, result: JSON.stringify(result) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    const message = `${error instanceof Error ? error.message : String(error)}${cause}`;
    return { ok: false, reason: `HTTP call ${request.method} ${request.uri} failed: ${message}`, details: '' };
  }
}

function send(
  method: string,
  uri: string,
  headers: Readonly<Record<string, string>> | undefined,
  content: string | undefined,
): Promise<Response> {
  const hasBody = content !== undefined && method !== 'GET' && method !== 'HEAD';
  return fetch(uri, {
    method,
    redirect: 'manual',
    ...(headers === undefined ? {} : { headers }),
    ...(hasBody ? { body: content } : {}),
  });
}
