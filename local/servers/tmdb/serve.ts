import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FaultAction, FaultTable } from '../../faults.ts';
import { meet } from '../faulty-connection.ts';
import { TmdbError } from './errors.ts';
import type { RateLimit } from './rate-limit.ts';
import { route } from './routes.ts';
import { type Answer, errorAnswer, jsonAnswer, sendAnswer } from './send.ts';
import type { Sources } from './sources.ts';

/** What requests are served from. */
export interface Service {
  readonly token: string;
  readonly limit: RateLimit;
  /** Made at the first question: many a cloud is raised that nobody asks for movies. */
  sources(): Promise<Sources>;
  readonly faults: FaultTable | undefined;
  readonly log: ((line: string) => void) | undefined;
  readonly stats: { requests: number; throttled: number };
}

/** Serves one request: the limit, a fault, the key, the answer. Never rejects. */
export async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  const call = callOf(request);
  service.stats.requests += 1;
  await carryOut(service, call, request, response).catch(error => {
    sendAnswer(response, errorAnswer(error), request.headers);
  });
  if (response.statusCode === 429) service.stats.throttled += 1;
  service.log?.(`${call.name} ${response.statusCode} ${(performance.now() - started).toFixed(1)} ms`);
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** As the fault table and the log know it: without the rest of the query, which may hold the key. */
  readonly name: string;
}

function callOf({ method = 'GET', url = '/', headers }: IncomingMessage): Call {
  const [path = '/', ...search] = url.split('?');
  const query = new URLSearchParams(search.join('?'));
  const page = query.get('page');
  const name = `${method} ${path}${page === null ? '' : `?page=${page}`}`;
  return { method, path, query, headers, name };
}

async function carryOut(
  service: Service,
  call: Call,
  { socket }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { faults, limit } = service;
  const waitSeconds = limit.admit(socket.remoteAddress ?? '', performance.now());
  if (waitSeconds > 0) throw tooMany(limit.perSecond, waitSeconds);
  const fault = await faults?.reach('tmdb', call.name, 'before');
  const before = await meet(fault, socket);
  if (before.kind === 'gone') return;
  const answer = altered(await answerTo(service, call), fault);
  const lateFault = await faults?.reach('tmdb', call.name, 'after');
  const after = await meet(lateFault, socket);
  if (after.kind === 'gone') return;
  const cut = after.kind === 'cut' ? after : before.kind === 'cut' ? before : undefined;
  sendAnswer(response, altered(answer, lateFault), call.headers, cut?.afterBytes);
}

function tooMany(perSecond: number, retryAfterSeconds: number): TmdbError {
  const message = `Your request count (${perSecond + 1}) is over the allowed limit of ${perSecond}.`;
  return new TmdbError(25, { message, retryAfterSeconds });
}

/** @throws TmdbError */
async function answerTo({ token, sources }: Service, { method, path, query, headers }: Call): Promise<Answer> {
  if (headers.authorization !== `Bearer ${token}` && query.get('api_key') !== token) throw new TmdbError(7);
  const { maxAgeSeconds, answer } = route(path);
  if (method !== 'GET' && method !== 'HEAD') throw new TmdbError(42);
  return jsonAnswer(answer(await sources(), query), maxAgeSeconds, headers['if-none-match']);
}

function altered(answer: Answer, fault: FaultAction | undefined): Answer {
  if (fault?.kind !== 'body') return answer;
  const { status = answer.status, headers, text } = fault;
  const body = typeof text === 'function' ? text(answer.text) : text;
  return { status, headers: { ...answer.headers, ...headers }, text: body };
}
