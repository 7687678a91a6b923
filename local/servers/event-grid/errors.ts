/** Codes of the service, by the status they come with. */
const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  413: 'PayloadTooLarge',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

/** What a publisher is answered whose request is refused. */
export class EventGridError extends Error {
  readonly status: number;
  readonly code: string;
  /** More precise than `code`. */
  readonly detailCode: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    message: string,
    about: { readonly detailCode?: string; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'EventGridError';
    this.status = status;
    this.code = codes[status] ?? 'InternalServerError';
    this.detailCode = about.detailCode ?? this.code;
    this.retryAfterSeconds = about.retryAfterSeconds;
  }

  /** The body of the answer. */
  get body(): object {
    const { code, detailCode, message } = this;
    return { error: { code, message, details: [{ code: detailCode, message }] } };
  }
}

/** A body that is not what the topic takes. */
export function badRequest(message: string): EventGridError {
  return new EventGridError(400, message, { detailCode: 'InputJsonInvalid' });
}
