import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { answering, problems, readJson } from '../../../functions/triggers/http-answer.ts';
import { ConfigError, ConflictError, PermanentError, TransientError } from '../../../shared/errors.ts';

function posted(body: string): HttpRequest {
  return new HttpRequest({ method: 'POST', url: 'http://127.0.0.1/api/x', body: { string: body } });
}

const logged: string[] = [];
const context = new InvocationContext({
  functionName: 'x',
  logHandler: (level, ...args) => logged.push(`${level} ${args.map(String).join(' ')}`),
});

function thrown(error: unknown): ReturnType<typeof answering> {
  return answering(context, async () => {
    throw error;
  });
}

describe('what a handler throws', () => {
  test('a conflict is 409', async () => {
    expect(await thrown(new ConflictError('a run is under way'))).toEqual(problems(409, ['a run is under way']));
  });

  test('what may pass is 503, with the time to come back in whole seconds', async () => {
    const answer = await thrown(new TransientError('the lake is busy', { retryAfterMs: 1200 }));
    expect(answer).toEqual({ ...problems(503, ['the lake is busy']), headers: { 'Retry-After': '2' } });
    expect((await thrown(new TransientError('gone'))).headers).toEqual({ 'Retry-After': '5' });
  });

  test.each([new PermanentError('no'), new ConfigError('wrong key'), new TypeError('a bug'), 'text'])(
    '%s is 500, and logged',
    async error => {
      logged.length = 0;
      const message = error instanceof Error ? error.message : error;
      expect(await thrown(error)).toEqual(problems(500, [message]));
      expect(logged.join()).toContain('request failed');
    },
  );

  test('nothing: its answer is the answer', async () => {
    expect(await answering(context, async () => ({ status: 202 }))).toEqual({ status: 202 });
  });
});

describe('the body of a request', () => {
  test.each(['', '  \n'])('empty: %o', async body => {
    expect(await readJson(posted(body))).toEqual({ value: undefined });
  });

  test('JSON, of any kind', async () => {
    expect(await readJson(posted('{"mode":"full"}'))).toEqual({ value: { mode: 'full' } });
    expect(await readJson(posted('null'))).toEqual({ value: null });
  });

  test('anything else', async () => {
    expect(await readJson(posted('{"mode":'))).toBe('not-json');
  });
});
