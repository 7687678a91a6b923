import { createHmac } from 'node:crypto';
import { ACCOUNT, type RawAnswer, raw } from './fixture.ts';

/**
 * Requests signed by hand from the documentation ("Authorize with Shared Key"), to meet the stand-in without an SDK.
 * `path` is sent as it is, so it may be anything; `signedPath` is for clients that sign less than they send.
 */
export function signed(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer | string = '',
  signedPath = path,
): Promise<RawAnswer> {
  const length = Buffer.byteLength(body);
  const all: Record<string, string> = {
    ...headers,
    'x-ms-date': new Date().toUTCString(),
    'x-ms-version': '2023-11-03',
    'content-length': String(length),
  };
  all['authorization'] = `SharedKey ${ACCOUNT.name}:${signature(method, signedPath, all)}`;
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return raw(url, [`${method} ${path} HTTP/1.1`, ...lines].join('\r\n'), body);
}

function signature(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const standard = ['content-encoding', 'content-language', 'content-length', 'content-md5', 'content-type', 'date'];
  const conditional = ['if-modified-since', 'if-match', 'if-none-match', 'if-unmodified-since', 'range'];
  const values = [...standard, ...conditional].map(name =>
    name === 'content-length' && lower[name] === '0' ? '' : (lower[name] ?? ''),
  );
  const own = Object.keys(lower)
    .filter(name => name.startsWith('x-ms-'))
    .sort();
  const [resource = '', query = ''] = path.split('?');
  const parameters =
    query === ''
      ? []
      : query
          .split('&')
          .map(pair => pair.split('='))
          .sort();
  const text = [
    method,
    ...values,
    ...own.map(name => `${name}:${lower[name]}`),
    `/${ACCOUNT.name}${resource}`,
    ...parameters.map(([name = '', value = '']) => `${name.toLowerCase()}:${decodeURIComponent(value)}`),
  ].join('\n');
  return createHmac('sha256', Buffer.from(ACCOUNT.key, 'base64')).update(text).digest('base64');
}
