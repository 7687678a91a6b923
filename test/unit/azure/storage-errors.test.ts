import { RestError } from '@azure/storage-file-datalake';
import { describe, expect, test } from 'vitest';
import { storageError } from '../../../shared/azure/storage-errors.ts';
import { TransientError } from '../../../shared/errors.ts';

/** An answer of the service as the SDK throws it. */
function answer(status: number, headers: Readonly<Record<string, string>> = {}, code?: string): RestError {
  const lowerCase = new Map(Object.entries(headers));
  const response = { headers: { get: (name: string) => lowerCase.get(name.toLowerCase()) } };
  return new RestError('the service said no', {
    statusCode: status,
    ...(code === undefined ? {} : { code }),
    response: response as unknown as NonNullable<RestError['response']>,
  });
}

const path = 'silver/youflix/users/_delta_log/00000000000000000001.json';

describe('the kind follows the status', () => {
  test.each([
    [408, 'transient'],
    [429, 'transient'],
    [500, 'transient'],
    [502, 'transient'],
    [503, 'transient'],
    [504, 'transient'],
    [404, 'permanent'],
    [409, 'conflict'],
    [412, 'conflict'],
    [401, 'config'],
    [403, 'config'],
    [400, 'permanent'],
    [411, 'permanent'],
    [416, 'permanent'],
    [501, 'permanent'],
  ])('%i is %s', (status, kind) => {
    const cause = answer(status, { 'x-ms-error-code': 'SomeCode' });
    const error = storageError(cause, 'rename', path);
    expect(error.kind).toBe(kind);
    expect(error.cause).toBe(cause);
    expect(error.message).toContain(`storage rename ${path}: the service answered ${status} SomeCode`);
  });
});

describe('the code is the service’s own word', () => {
  test('from the header, which wins', () => {
    expect(storageError(answer(409, { 'x-ms-error-code': 'PathAlreadyExists' }, 'Other'), 'create', path).code).toBe(
      'PathAlreadyExists',
    );
  });

  test('or from the body, as the SDK read it', () => {
    expect(storageError(answer(412, {}, 'ConditionNotMet'), 'create', path).code).toBe('ConditionNotMet');
  });

  test('and said to be absent when neither has it', () => {
    expect(storageError(answer(400), 'create', path).message).toContain('400 without a code');
  });

  test('but a missing file has one code, whatever the service calls it', () => {
    for (const code of ['PathNotFound', 'BlobNotFound', 'RenameDestinationParentPathNotFound'])
      expect(storageError(answer(404, { 'x-ms-error-code': code }), 'read', path).code).toBe('not-found');
  });
});

describe('when to come back', () => {
  const asked = (headers: Readonly<Record<string, string>>): number | undefined => {
    const error = storageError(answer(503, headers), 'append', path);
    return (error as TransientError).retryAfterMs;
  };

  test('seconds in Retry-After are honoured', () => {
    expect(asked({ 'retry-after': '7' })).toBe(7000);
    expect(asked({ 'retry-after': '0' })).toBe(0);
  });

  test('nothing when the header is absent or not a number', () => {
    expect(asked({})).toBeUndefined();
    expect(asked({ 'retry-after': 'soon' })).toBeUndefined();
  });
});

describe('no answer at all', () => {
  test('the SDK could not connect', () => {
    const error = storageError(new RestError('connect ECONNREFUSED', { code: 'ECONNREFUSED' }), 'head', path);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'connection' });
    expect(error.message).toBe(`storage head ${path}: no answer (ECONNREFUSED); is the storage account reachable?`);
  });

  test('the body broke off', () => {
    const error = storageError(new Error('aborted'), 'read', path);
    expect(error).toMatchObject({ kind: 'transient', code: 'connection' });
    expect(error.message).toBe(`storage read ${path}: the connection failed: aborted`);
  });
});
