/**
 * Errors by what the caller should do. Made once, where the outside world is touched; decided by status or code, never by
 * message text. The message says what failed, on what, expected and got, and what to do.
 */
export type ErrorKind = 'config' | 'transient' | 'conflict' | 'permanent' | 'bad-record';

export interface ErrorDetails {
  /** A short stable word a program may branch on, such as `not-found` or `sql-1205`. */
  readonly code?: string;
  readonly cause?: unknown;
}

export abstract class LakeError extends Error {
  abstract readonly kind: ErrorKind;
  readonly code: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
  }
}

/** A setting is missing or wrong: stop, and say which. */
export class ConfigError extends LakeError {
  readonly kind = 'config';
}

/** The same call may succeed later: try again, not before `retryAfterMs` when the service named a time. */
export class TransientError extends LakeError {
  readonly kind = 'transient';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: ErrorDetails & { readonly retryAfterMs?: number } = {}) {
    super(message, details);
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Somebody else changed what this call was built on: load again, decide again. */
export class ConflictError extends LakeError {
  readonly kind = 'conflict';
}

/** No retry helps: report it. */
export class PermanentError extends LakeError {
  readonly kind = 'permanent';
}

/** One record is wrong: set it aside with its reason and go on. */
export class BadRecordError extends LakeError {
  readonly kind = 'bad-record';
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
