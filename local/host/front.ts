import type { AdminApi } from './admin.ts';
import { rpcPath, webhookPath } from './durable/client-binding.ts';
import type { DurableHttpApi } from './durable/http-api.ts';
import type { EventGridWebhook } from './event-grid.ts';
import { type HttpMessage, type HttpReply, textReply } from './http-message.ts';
import { findRoute, fromRpcResponse, type HttpRoute, toRpcRequest } from './http-trigger.ts';
import type { FunctionInvoker } from './invoker.ts';
import { type AuthLevel, type HostKeys, mayCall } from './keys.ts';
import { InvocationError, WorkerLostError } from './worker-process.ts';

const eventGridPath = '/runtime/webhooks/eventgrid';
const httpReason = 'This function was programmatically called via the host APIs.';

/** Who answers what. */
export interface FrontOptions {
  readonly routes: readonly HttpRoute[];
  readonly invoker: FunctionInvoker;
  readonly durable: DurableHttpApi;
  readonly eventGrid: EventGridWebhook;
  readonly admin: AdminApi;
  readonly keys: HostKeys;
  /** Without it every caller is let in, as `func start` does. */
  readonly enableAuth: boolean;
}

/** Makes the handler that finds who answers a request, and lets in only who may ask. */
export function createFront(options: FrontOptions): (request: HttpMessage) => Promise<HttpReply> {
  const { keys, durable, eventGrid, admin } = options;
  const keyOf = (request: HttpMessage): string | undefined =>
    request.headers['x-functions-key'] ?? request.query.get('code') ?? undefined;
  const refused = (level: AuthLevel, request: HttpMessage): boolean =>
    options.enableAuth && !mayCall(keys, level, keyOf(request));
  const refusedSystem = (name: string, request: HttpMessage): boolean =>
    refused('admin', request) && keyOf(request) !== keys.system[name];

  return async request => {
    const { path } = request;
    const below = (base: string): string | undefined =>
      path === base || path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;

    // Only the app itself knows this address; it carries no key, as on Azure.
    if (path.startsWith(rpcPath)) return durable.handle(path.slice(rpcPath.length), request);
    const durablePath = below(webhookPath);
    if (durablePath !== undefined) {
      return refusedSystem('durabletask_extension', request) ? { status: 401 } : durable.handle(durablePath, request);
    }
    if (below(eventGridPath) !== undefined) {
      return refusedSystem('eventgrid_extension', request) ? { status: 401 } : eventGrid.handle(request);
    }
    const adminPath = below('/admin');
    if (adminPath !== undefined) return refused('admin', request) ? { status: 401 } : admin.handle(adminPath, request);

    const found = findRoute(options.routes, request);
    if (found === undefined)
      return path === '/' ? textReply(200, 'Your Functions host is up and running.') : { status: 404 };
    const { fn } = found.route;
    if (refused(authLevel(fn.trigger['authLevel']), request)) return { status: 401 };
    if (fn.disabled) return textReply(404, `Function ${fn.name} is disabled.`);
    try {
      const data = toRpcRequest(request, found.parameters);
      return fromRpcResponse(await options.invoker.invoke(fn, { data, reason: httpReason }));
    } catch (error) {
      // Logged by the invoker; the caller learns no more than that, as on Azure.
      if (error instanceof InvocationError || error instanceof WorkerLostError) return { status: 500 };
      throw error;
    }
  };
}

function authLevel(value: unknown): AuthLevel {
  const text = String(value).toLowerCase();
  return text === 'anonymous' || text === 'admin' ? text : 'function';
}
