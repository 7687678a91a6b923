import { RestError } from '@azure/storage-file-datalake';
import { ConfigError, ConflictError, errorMessage, LakeError, PermanentError, TransientError } from '../errors.ts';

/** HTTP statuses of the storage service that a later try may cure (Storage REST API, "Status and error codes"). */
const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Turns what the storage SDK throws into an error by kind. `action` and `path` say what failed, on what; `keySetting` is the setting to
 * look at when the account refuses us.
 */
export function storageError(error: unknown, action: string, path: string, keySetting = 'LAKE_ACCOUNT_KEY'): LakeError {
  if (error instanceof LakeError) return error;
  const what = `storage ${action} ${path}`;
  if (!(error instanceof RestError)) {
    // Not an answer of the service: a body cut off in the middle reaches us as a plain stream error.
    return new TransientError(`${what}: the connection failed: ${errorMessage(error)}`, {
      code: 'connection',
      cause: error,
    });
  }
  const status = error.statusCode;
  const code = serviceCode(error);
  if (status === undefined) {
    return new TransientError(
      `${what}: no answer (${error.code ?? error.message}); is the storage account reachable?`,
      {
        code: 'connection',
        cause: error,
      },
    );
  }
  const answer = `${what}: the service answered ${status} ${code}`;
  if (transientStatuses.has(status)) {
    const retryAfterMs = retryAfter(error);
    return new TransientError(answer, { code, cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
  if (status === 404)
    return new PermanentError(`${answer}: there is no such file`, { code: 'not-found', cause: error });
  if (status === 409 || status === 412) return new ConflictError(answer, { code, cause: error });
  if (status === 401 || status === 403) {
    return new ConfigError(`${answer}: check ${keySetting}, or the identity's role on the storage account`, {
      code,
      cause: error,
    });
  }
  return new PermanentError(answer, { code, cause: error });
}

/** The service's own error word. It is in the header for some calls and in the body for others. */
export function serviceCode(error: RestError): string {
  return error.response?.headers.get('x-ms-error-code') ?? error.code ?? 'without a code';
}

function retryAfter(error: RestError): number | undefined {
  const seconds = Number(error.response?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
