/** A real HTTP server that answers as a test tells it to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface AnsweringServer extends AsyncDisposable {
  readonly url: string;
  /** Path and query of every request, in the order they came. */
  readonly requests: readonly string[];
  /** Their headers. */
  readonly headers: readonly IncomingMessage['headers'][];
  readonly bodies: readonly string[];
}

/** `answer` may also write the response itself, or break it off, and return nothing. */
export async function answering(
  answer: (path: URL, response: ServerResponse, count: number) => Answer | undefined,
): Promise<AnsweringServer> {
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    headers.push(request.headers);
    bodies.push(Buffer.concat(await request.toArray()).toString());
    const made = answer(new URL(path, 'http://127.0.0.1'), response, bodies.length);
    if (made === undefined) return;
    const { status = 200, headers: more = {}, body = '' } = made;
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...more }).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    headers,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
