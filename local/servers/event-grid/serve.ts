import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultPhase, FaultTable } from '../../faults.ts';
import { FaultStatus, meet } from '../faulty-connection.ts';
import { authorize } from './authorization.ts';
import { EventGridError } from './errors.ts';
import { readEvents } from './published-events.ts';
import type { TopicOptions } from './topic.ts';
import type { TopicEvent } from './topic-event.ts';

/** What requests are served from. */
export interface Service {
  readonly topics: readonly TopicOptions[];
  readonly faults: FaultTable | undefined;
  readonly log: ((line: string) => void) | undefined;
  /** Takes events, all or none: when it returns they are on disk. */
  accept(topic: TopicOptions, events: readonly TopicEvent[]): void;
  /** Completes a handshake by hand. Whether there is one of this id to complete. */
  validate(id: string): boolean;
}

const apiVersion = '2018-01-01';
/** Of a request, and so of an event as well. */
const maxBytes = 1024 * 1024;

/** Serves one request. Never rejects. */
export async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, text, headers } = await answer(service, request).catch(refusal);
  if (!request.socket.destroyed) response.writeHead(status, headers).end(text);
  const [path] = (request.url ?? '').split('?');
  service.log?.(`${request.method} ${path} ${status}${status < 400 ? '' : ` ${text}`}`);
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(service: Service, request: IncomingMessage): Promise<Answer> {
  const url = URL.parse(request.url ?? '', `http://${request.headers.host}`);
  if (url === null) throw new EventGridError(400, `There is no address ${request.url} at ${request.headers.host}.`);
  if (url.pathname === '/validate') return validated(service, url.searchParams.get('id') ?? '');
  const name = /^\/topics\/([^/]+)\/api\/events$/i.exec(url.pathname)?.[1]?.toLowerCase();
  const topic = service.topics.find(topic => topic.name.toLowerCase() === name);
  if (topic === undefined) throw new EventGridError(404, `There is nothing at ${url.pathname}.`);
  if (request.method !== 'POST') throw new EventGridError(405, `Events are published by POST, not ${request.method}.`);
  return publish(service, topic, request, url);
}

async function publish(service: Service, topic: TopicOptions, request: IncomingMessage, url: URL): Promise<Answer> {
  const { headers } = request;
  await pass(service, topic, 'before', request);
  authorize(headers, `${url.origin}${url.pathname}`, topic);
  const version = url.searchParams.get('api-version');
  if (version !== apiVersion) throw new EventGridError(400, `api-version must be ${apiVersion}, not ${version}.`);
  service.accept(topic, readEvents(await readBody(request), headers['content-type'], topic));
  await pass(service, topic, 'after', request);
  return { status: 200, text: '' };
}

/** Carries out a fault, if there is one here. @throws FaultStatus, and Error when the connection is cut */
async function pass({ faults }: Service, { name }: TopicOptions, phase: FaultPhase, { socket }: IncomingMessage) {
  const course = await meet(await faults?.reach('event-grid', `PUBLISH ${name}`, phase), socket);
  if (course.kind === 'on') return;
  socket.destroy();
  throw new Error('the connection was cut by a fault');
}

/** Reads to the end also what is too long: a client that is cut off while it sends would not see the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) throw new EventGridError(413, `The request has ${bytes} bytes, allowed are ${maxBytes}.`);
  return Buffer.concat(chunks);
}

function validated(service: Service, id: string): Answer {
  if (!service.validate(id)) throw new EventGridError(404, `No subscription waits for the validation ${id}.`);
  return { status: 200, text: 'Webhook successfully validated as a subscription endpoint.' };
}

function refusal(error: unknown): Answer {
  const { status, body, retryAfterSeconds } = asEventGridError(error);
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  return { status, text: JSON.stringify(body), headers };
}

function asEventGridError(error: unknown): EventGridError {
  if (error instanceof EventGridError) return error;
  if (error instanceof FaultStatus) {
    const { status, message, code: detailCode, retryAfterSeconds } = error;
    return new EventGridError(status, message, { detailCode, retryAfterSeconds });
  }
  // The service would say less; whoever works on the stand-in wants to know.
  return new EventGridError(500, String(error));
}
