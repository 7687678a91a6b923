import type { FunctionDefinition } from './functions.ts';
import { type HttpMessage, type HttpReply, jsonReply, textReply } from './http-message.ts';
import type { FunctionInvoker } from './invoker.ts';
import type { RpcTypedData } from './worker/messages.ts';

const defaultOrigin = 'eventgrid.azure.net';

/**
 * The webhook by which Event Grid reaches `eventGridTrigger` functions, `/runtime/webhooks/eventgrid?functionName=…`, for both the
 * Event Grid and the CloudEvents schema (NETSDK `HttpRequestProcessor.cs`).
 */
export class EventGridWebhook {
  readonly #functions: ReadonlyMap<string, FunctionDefinition>;
  readonly #invoker: FunctionInvoker;

  constructor(functions: readonly FunctionDefinition[], invoker: FunctionInvoker) {
    const own = functions.filter(fn => fn.triggerType === 'eventgridtrigger' && !fn.disabled);
    this.#functions = new Map(own.map(fn => [fn.name, fn]));
    this.#invoker = invoker;
  }

  async handle(request: HttpMessage): Promise<HttpReply> {
    const name = request.query.get('functionName') ?? '';
    const fn = this.#functions.get(name);
    if (fn === undefined) return textReply(404, `cannot find function: '${name}'`);
    if (request.method === 'OPTIONS') return cloudEventsHandshake(request);
    switch (request.headers['aeg-event-type']?.toLowerCase()) {
      case 'subscriptionvalidation':
        return validation(request);
      case 'notification':
        return this.#notify(fn, request);
      case 'unsubscribe':
        return { status: 202 };
      default:
        return { status: 400 };
    }
  }

  async #notify(fn: FunctionDefinition, request: HttpMessage): Promise<HttpReply> {
    const body = parseJson(request.body.toString('utf8'));
    if (typeof body !== 'object' || body === null)
      return textReply(400, 'expected an event or an array of events, in JSON');
    const events: unknown[] = Array.isArray(body) ? body : [body];
    const runs = events.map(event => {
      const text = JSON.stringify(event);
      const trigger = {
        data: { string: text },
        metadata: { data: eventData(text) },
        reason: `EventGrid trigger fired at ${new Date().toISOString()}`,
      };
      return this.#invoker.invoke(fn, trigger);
    });
    const failed = (await Promise.allSettled(runs)).find(run => run.status === 'rejected');
    if (failed === undefined) return { status: 202 };
    return textReply(500, failed.reason instanceof Error ? failed.reason.message : String(failed.reason));
  }
}

/** The `data` of an event in JSON text, as trigger metadata. */
export function eventData(text: string): RpcTypedData {
  const event = parseJson(text);
  const data = typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined;
  return data === undefined ? {} : { json: JSON.stringify(data) };
}

/** CloudEvents webhooks 1.0, section 4: Event Grid asks whether it may deliver, and gets its own name back. */
function cloudEventsHandshake(request: HttpMessage): HttpReply {
  const asked = request.headers['webhook-request-origin'];
  const known = asked !== undefined && /(^|\.)eventgrid\.azure\.(net|us|cn)$/i.test(asked);
  return { status: 200, headers: { 'webhook-allowed-origin': known ? asked : defaultOrigin } };
}

function validation(request: HttpMessage): HttpReply {
  const body = parseJson(request.body.toString('utf8'));
  const event: unknown = Array.isArray(body) ? body[0] : body;
  const raw = typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined;
  const data = typeof raw === 'string' ? parseJson(raw) : raw;
  if (typeof data !== 'object' || data === null || !('validationCode' in data)) {
    return textReply(400, 'the validation event carries no data.validationCode');
  }
  return jsonReply(200, { validationResponse: data.validationCode });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
