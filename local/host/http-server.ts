import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpMessage, type HttpReply, textReply } from './http-message.ts';
import type { HostLog } from './log.ts';

/** The real host's limit (`MaxRequestBodySize`). */
const maxBodyBytes = 104_857_600;

/** Which origins a browser may call from; none when the list is empty. */
export interface CorsPolicy {
  /** `*` for any. */
  readonly origins: readonly string[];
  readonly credentials: boolean;
}

/** Where to listen, and who answers. */
export interface HttpServerOptions {
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly cors: CorsPolicy;
  readonly handle: (request: HttpMessage) => Promise<HttpReply>;
  readonly log: HostLog;
}

/** The host's one listening socket. */
export interface RunningServer {
  readonly port: number;
  /** Accepts nothing more and cuts what is open. */
  close(): Promise<void>;
}

/** @throws Error `Port N is unavailable` when another process has it. */
export async function listen(options: HttpServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => void serve(request, response, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        taken
          ? new Error(
              `Port ${options.port} is unavailable. Close the process using that port, or specify another port using --port.`,
            )
          : error,
      );
    });
    server.listen(options.port, options.address, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  try {
    const body = await readBody(request);
    const reply =
      body === undefined ? textReply(413, 'The request body is too large.') : await answer(request, body, options);
    write(response, { ...reply, headers: { ...corsHeaders(request, options.cors), ...reply.headers } });
  } catch (error) {
    // The caller went away in the middle of the request: nobody is left to answer.
    if (request.destroyed && !request.complete) return;
    const [path] = splitOnce(request.url ?? '/', '?');
    options.log.error(`${request.method} ${path}: ${error instanceof Error ? error.stack : String(error)}`);
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    write(response, { status: 500 });
  }
}

/** @throws Error before anything is sent, for a status or header that HTTP does not allow. */
function write(response: ServerResponse, reply: HttpReply): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  const body = reply.body ?? '';
  if (reply.status !== 204 && reply.status !== 304) response.setHeader('content-length', Buffer.byteLength(body));
  response.writeHead(reply.status).end(body);
}

function answer(request: IncomingMessage, body: Buffer, options: HttpServerOptions): Promise<HttpReply> {
  const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (isPreflight && options.cors.origins.length > 0) return Promise.resolve({ status: 204 });
  const origin = `http://${request.headers.host ?? 'localhost'}`;
  const target = request.url ?? '/';
  const [path = '/', search = ''] = splitOnce(target, '?');
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(name === 'cookie' ? '; ' : ','),
    ]),
  );
  return options.handle({
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    url: `${origin}${target}`,
    headers,
    body,
  });
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Undefined when it is larger than the host takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

function corsHeaders(request: IncomingMessage, cors: CorsPolicy): Record<string, string> {
  const { origin } = request.headers;
  const any = cors.origins.includes('*');
  if (origin === undefined || !(any || cors.origins.includes(origin))) return {};
  const asked = request.headers['access-control-request-headers'];
  return {
    'access-control-allow-origin': any && !cors.credentials ? '*' : origin,
    ...(cors.credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(request.method === 'OPTIONS' ? { 'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE,OPTIONS' } : {}),
    ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
  };
}
