/** A request that has been read whole. */
export interface HttpMessage {
  readonly method: string;
  /** As it came, percent-encoded, with its leading slash and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Absolute, as the caller wrote it. */
  readonly url: string;
  /** Names in lower case; a repeated header is joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What to answer; a header with several values is sent several times. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Answers with `value` as JSON. */
export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Answers with plain text. */
export function textReply(status: number, text: string): HttpReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
}
