import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { EventGridError } from './errors.ts';
import type { TopicOptions } from './topic.ts';

/**
 * Lets a publisher in who proves that it has a key of the topic: by the key itself, or by a token signed with one.
 * Source: "Authenticate publishing clients using access keys or shared access signatures".
 * @param endpoint of the topic, as the publisher addressed it, without a query
 * @throws EventGridError 401
 */
export function authorize(headers: IncomingHttpHeaders, endpoint: string, { keys }: TopicOptions): void {
  const key = single(headers['aeg-sas-key']);
  if (key !== undefined) {
    if (!keys.some(own => isSame(key, own))) throw unauthorized('the key in aeg-sas-key is none of this topic');
    return;
  }
  const bearer = /^SharedAccessSignature (.+)$/.exec(headers.authorization ?? '')?.[1];
  const token = single(headers['aeg-sas-token']) ?? bearer;
  if (token === undefined) {
    throw unauthorized('expected a header aeg-sas-key, aeg-sas-token or Authorization: SharedAccessSignature');
  }
  checkToken(token, endpoint, keys);
}

/** A token is `r=RESOURCE&e=EXPIRY&s=SIGNATURE`, each percent-encoded; what stands before `&s=` is signed as it was sent. */
function checkToken(token: string, endpoint: string, keys: readonly string[]): void {
  const [signed = '', signature = ''] = token.split('&s=');
  const parts = new URLSearchParams(signed);
  const given = decoded(signature);
  const isOurs = keys.some(key => {
    const own = createHmac('sha256', Buffer.from(key, 'base64')).update(signed, 'utf8').digest('base64');
    return isSame(given, own);
  });
  if (!isOurs) throw unauthorized('the signature of the token is none of a key of this topic');
  const expiry = parts.get('e') ?? '';
  const expiresMs = readExpiry(expiry);
  if (expiresMs === undefined) throw unauthorized(`the expiry of the token, '${expiry}', is not a time`);
  if (expiresMs <= Date.now()) throw unauthorized(`the token has expired at ${expiry} UTC`);
  const [address = ''] = (parts.get('r') ?? '').split('?');
  if (address.toLowerCase() !== endpoint.toLowerCase()) {
    throw unauthorized(`the token is for ${address || 'nothing'}, the request for ${endpoint}`);
  }
}

/** Milliseconds since 1970 of a time in UTC: `11/22/2026 4:33:52 PM`, and ISO 8601, which the Python SDK writes. */
function readExpiry(text: string): number | undefined {
  const isZoned = /(Z|[+-]\d{2}:\d{2})$/i.test(text);
  const ms = Date.parse(isZoned ? text : `${text} UTC`);
  return Number.isNaN(ms) ? undefined : ms;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function isSame(given: string, own: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(own)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function unauthorized(message: string): EventGridError {
  return new EventGridError(401, message);
}
