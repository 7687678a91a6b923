import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { TmdbServer } from '../../../local/servers/tmdb/server.ts';
import { get, start, token } from './fixture.ts';

let server: TmdbServer;
afterEach(() => server.close());

test('of 50 requests at once, 40 are answered; the others are told to wait a second, and that is true', async () => {
  server = await start({ requestsPerSecond: undefined });
  const answers = (await atOnce(50, '/3/configuration')).split('HTTP/1.1 ').slice(1);
  expect(answers.map(answer => answer.slice(0, 3))).toEqual([...Array(40).fill('200'), ...Array(10).fill('429')]);
  for (const refused of answers.slice(40)) {
    expect(refused).toMatch(/^retry-after: 1\r$/m);
    expect(refused).toContain(
      '{"status_code":25,"status_message":"Your request count (41) is over the allowed limit of 40."}',
    );
  }
  expect(server.stats).toEqual({ requests: 50, throttled: 10 });
  await sleep(1_000);
  expect((await get(server, '/3/configuration')).status).toBe(200);
});

/** Sends requests in one piece over one connection, so that they come at one moment however busy the machine is. */
async function atOnce(count: number, path: string): Promise<string> {
  const request = (connection: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: ${connection}\r\n\r\n`;
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(request('keep-alive').repeat(count - 1) + request('close'));
  return text(socket);
}
