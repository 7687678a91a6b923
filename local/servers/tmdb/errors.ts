/** What the service answers instead of data; codes, statuses and messages as developer.themoviedb.org/docs/errors lists them. */
const errors = {
  5: { status: 422, message: 'Invalid parameters: Your request parameters are incorrect.' },
  6: { status: 404, message: 'Invalid id: The pre-requisite id is invalid or not found.' },
  7: { status: 401, message: 'Invalid API key: You must be granted a valid key.' },
  9: { status: 503, message: 'Service offline: This service is temporarily offline, try again later.' },
  11: { status: 500, message: 'Internal error: Something went wrong, contact TMDB.' },
  22: { status: 400, message: 'Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.' },
  24: { status: 504, message: 'Your request to the backend server timed out. Try again.' },
  25: { status: 429, message: 'Your request count (41) is over the allowed limit of 40.' },
  34: { status: 404, message: 'The resource you requested could not be found.' },
  42: { status: 405, message: 'This request method is not supported for this resource.' },
  43: { status: 502, message: "Couldn't connect to the backend server." },
} as const;

export type ErrorCode = keyof typeof errors;

/** What a status that comes from elsewhere, such as from a fault, says for itself; others are internal errors. */
const codes: Readonly<Record<number, ErrorCode>> = { 401: 7, 404: 34, 429: 25, 502: 43, 503: 9, 504: 24 };

interface ErrorDetails {
  /** Default the one of the code. */
  readonly status?: number;
  /** Default the one of the code. */
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/** A request that is refused. */
export class TmdbError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, { status, message, retryAfterSeconds }: ErrorDetails = {}) {
    super(message ?? errors[code].message);
    this.name = 'TmdbError';
    this.code = code;
    this.status = status ?? errors[code].status;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static forStatus(status: number, retryAfterSeconds: number | undefined): TmdbError {
    return new TmdbError(codes[status] ?? 11, { status, retryAfterSeconds });
  }

  /** The body of the answer, its fields in the order in which they were recorded. */
  get body(): object {
    const said = { status_code: this.code, status_message: this.message };
    if (this.code === 7) return { ...said, success: false };
    return this.code === 25 ? said : { success: false, ...said };
  }
}
