import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Call } from './request.ts';
import { single } from './request.ts';

/** Shared Key signatures. Source: REST reference, "Authorize with Shared Key". */

/** Base64 of the HMAC-SHA256 of a text, the signature of all schemes here. */
export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('base64');
}

/** Compares signatures in constant time. */
export function sameSignature(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whether `signature` is the account's over this request, in any of the forms that clients sign. */
export function isSignedBySharedKey(call: Call, accountName: string, key: Buffer, signature: string): boolean {
  return textsToSign(call, accountName).some(text => sameSignature(signature, sign(key, text)));
}

/**
 * The texts that a client may have signed. They differ where the documentation and the SDKs do: in the order of `x-ms-`
 * headers (ordinal, or a culture's order that ignores hyphens) and in query parameters without a value (left out by some).
 */
export function textsToSign(call: Call, accountName: string): string[] {
  const { headers } = call;
  const standard = [
    call.wireMethod,
    headers['content-encoding'],
    headers['content-language'],
    headers['content-length'] === '0' ? '' : headers['content-length'],
    headers['content-md5'],
    headers['content-type'],
    headers['x-ms-date'] === undefined ? headers.date : '',
    headers['if-modified-since'],
    headers['if-match'],
    headers['if-none-match'],
    headers['if-unmodified-since'],
    headers.range,
  ].map(value => single(value) ?? '');
  const names = Object.keys(headers).filter(name => name.startsWith('x-ms-'));
  const orders = [[...names].sort(), [...names].sort(compareLikeCulture)];
  const parameters = [...call.query].sort(([left], [right]) => (left < right ? -1 : 1));
  const parameterForms = [parameters, parameters.filter(([, value]) => value !== '')];
  const texts = orders.flatMap(order =>
    parameterForms.map(form =>
      [
        ...standard,
        ...order.map(name => `${name}:${(single(headers[name]) ?? '').trim().replace(/\s*\r?\n\s+/g, ' ')}`),
        `/${accountName}${call.rawPath}`,
        ...form.map(([name, value]) => `${name}:${value}`),
      ].join('\n'),
    ),
  );
  return [...new Set(texts)];
}

/** Hyphens count only between names that are equal without them; other punctuation sorts before digits, digits before letters. */
function compareLikeCulture(left: string, right: string): number {
  const weigh = (name: string) =>
    [...name.replaceAll('-', '')]
      .map(character => {
        const group = /[a-z]/.test(character) ? 2 : /\d/.test(character) ? 1 : 0;
        return `${group}${character}`;
      })
      .join('');
  const [a, b] = [weigh(left), weigh(right)];
  if (a === b) return left < right ? -1 : 1;
  return a < b ? -1 : 1;
}
