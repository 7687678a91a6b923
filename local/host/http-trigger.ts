import type { FunctionDefinition } from './functions.ts';
import type { HttpMessage, HttpReply } from './http-message.ts';
import { compileRoute, type RouteMatcher } from './routes.ts';
import type { RpcCookie, RpcHttp, RpcResponse, RpcTypedData } from './worker/messages.ts';

/** An HTTP function with its route, ready to be matched. */
export interface HttpRoute {
  readonly fn: FunctionDefinition;
  /** As the app wrote it, without the prefix. */
  readonly template: string;
  /** Upper case. */
  readonly methods: readonly string[];
  readonly match: RouteMatcher;
}

/**
 * The routes of all HTTP functions, in the order of registration.
 *
 * @throws Error for a route template that cannot be read.
 */
export function httpRoutes(functions: readonly FunctionDefinition[], routePrefix: string): HttpRoute[] {
  return functions
    .filter(fn => fn.triggerType === 'httptrigger')
    .map(fn => {
      const { route, methods } = fn.trigger;
      const template = typeof route === 'string' ? route.replace(/^\/+/, '') : fn.name;
      const allowed = Array.isArray(methods) ? methods.map(method => String(method).toUpperCase()) : ['GET', 'POST'];
      const match = compileRoute([routePrefix, template].filter(part => part !== '').join('/'));
      return { fn, template, methods: allowed, match };
    });
}

/** The first route, in the order of registration, that takes this method and path. */
export function findRoute(
  routes: readonly HttpRoute[],
  request: HttpMessage,
): { readonly route: HttpRoute; readonly parameters: Record<string, string> } | undefined {
  for (const route of routes) {
    if (!route.methods.includes(request.method)) continue;
    const parameters = route.match(request.path.slice(1));
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}

/** A request as an HTTP function gets it; repeated query keys are joined by commas, as the real host does. */
export function toRpcRequest(request: HttpMessage, parameters: Record<string, string>): RpcTypedData {
  const query: Record<string, string> = {};
  for (const [name, value] of request.query) query[name] = name in query ? `${query[name]},${value}` : value;
  const http: RpcHttp = {
    method: request.method,
    url: request.url,
    nullableHeaders: nullable(request.headers),
    nullableParams: nullable(parameters),
    nullableQuery: nullable(query),
    ...(request.body.length === 0 ? {} : { body: { bytes: request.body } }),
  };
  return { http };
}

/** The reply for what an HTTP function returned; 204 when it returned nothing. */
export function fromRpcResponse(response: RpcResponse): HttpReply {
  const http = response.returnValue?.http;
  if (http === undefined) return { status: 204 };
  const cookies = (http.cookies ?? []).map(cookieText);
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) },
    body: bodyOf(http.body),
  };
}

function nullable(values: Readonly<Record<string, string>>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

function bodyOf(data: RpcTypedData | undefined): Uint8Array | string {
  return data?.bytes ?? data?.string ?? data?.json ?? '';
}

function cookieText(cookie: RpcCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (cookie.maxAge) parts.push(`Max-Age=${cookie.maxAge.value}`);
  if (cookie.domain) parts.push(`Domain=${cookie.domain.value}`);
  if (cookie.path) parts.push(`Path=${cookie.path.value}`);
  if (cookie.expires) parts.push(`Expires=${new Date(Number(cookie.expires.value.seconds) * 1000).toUTCString()}`);
  if (cookie.httpOnly?.value) parts.push('HttpOnly');
  if (cookie.secure?.value) parts.push('Secure');
  // "none" is how the worker says that the attribute was not set.
  if (cookie.sameSite && cookie.sameSite !== 'none') parts.push(`SameSite=${sameSite(cookie.sameSite)}`);
  return parts.join('; ');
}

function sameSite(value: string): string {
  return value === 'explicitNone' ? 'None' : value.charAt(0).toUpperCase() + value.slice(1);
}
