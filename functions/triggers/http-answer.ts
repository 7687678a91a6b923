/** The shapes that every HTTP endpoint answers with. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { ConflictError, errorMessage, TransientError } from '../../shared/errors.ts';

export function problems(status: number, list: readonly string[]): HttpResponseInit {
  return { status, jsonBody: { problems: list } };
}

/** The request's JSON, undefined for an empty body; `not-json` when it cannot be read. */
export async function readJson(request: HttpRequest): Promise<{ readonly value: unknown } | 'not-json'> {
  const text = await request.text();
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'not-json';
  }
}

/** Runs a handler and answers what it throws: 409 for a conflict, 503 for what may pass, 500 for the rest. */
export async function answering(
  context: InvocationContext,
  handler: () => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof ConflictError) return problems(409, [error.message]);
    if (error instanceof TransientError) {
      const seconds = Math.ceil((error.retryAfterMs ?? 5000) / 1000);
      return { ...problems(503, [error.message]), headers: { 'Retry-After': String(seconds) } };
    }
    context.error(`request failed: ${error instanceof Error ? error.stack : String(error)}`);
    return problems(500, [errorMessage(error)]);
  }
}
