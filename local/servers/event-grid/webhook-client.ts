import http from 'node:http';
import https from 'node:https';

export interface WebhookRequest {
  readonly method: 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** The service waits as long. */
const answerTimeoutMs = 30_000;
/** Of an answer; the rest is of no interest. */
const maxTextLength = 16 * 1024;

/** Speaks to one webhook, over connections that it keeps. Follows no redirect, as the service. */
export class WebhookClient {
  readonly #url: URL;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;
  readonly #closing = new AbortController();

  /** @param connections that may be open at the same time */
  constructor(url: string, connections: number) {
    this.#url = new URL(url);
    const { Agent, request } = this.#url.protocol === 'https:' ? https : http;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#request = request;
  }

  /** @throws DOMException TimeoutError when there is no answer in time; Error when the webhook cannot be reached */
  async send({ method, headers, body = '' }: WebhookRequest): Promise<WebhookAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<WebhookAnswer>();
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(answerTimeoutMs)]);
    signal.throwIfAborted();
    const request = this.#request(this.#url, {
      method,
      agent: this.#agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    const abort = (): void => void request.destroy(signal.reason);
    signal.addEventListener('abort', abort);
    request.on('error', reject).on('response', response => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        if (text.length < maxTextLength) text += chunk;
      });
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(body);
    return promise.finally(() => signal.removeEventListener('abort', abort));
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#closing.abort();
    this.#agent.destroy();
  }
}
