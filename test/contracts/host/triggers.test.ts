import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppHost, startApp, until } from './app-host.ts';

let host: AppHost;
beforeAll(async () => {
  host = await startApp('triggers', {
    env: { TICK: '*/1 * * * * *', 'AzureWebJobs.switchedOff.Disabled': 'true' },
    cors: { origins: ['https://app.example'], credentials: false },
  });
});
afterAll(() => host?.close());

const logged = (text: string): Promise<string> =>
  until(`the line "${text}"`, () => host.lines.find(line => line.includes(text)));

describe('HTTP functions', () => {
  it('get the request and give the response whole', async () => {
    const response = await fetch(`${host.url}/v1/Things/book/7?q=1&q=2`, {
      method: 'PUT',
      headers: { 'x-asked': 'a' },
      body: 'püt',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-answer')).toBe('yes');
    expect(response.headers.getSetCookie()).toEqual(['c=v%20w; Max-Age=60; Path=/; HttpOnly; SameSite=Lax']);
    expect(await response.json()).toEqual({
      method: 'PUT',
      url: `${host.url}/v1/Things/book/7?q=1&q=2`,
      params: { kind: 'book', id: '7' },
      query: ['1,2'],
      header: 'a',
      body: 'püt',
    });
    await logged('a *** line');
  });

  it.each([
    ['an optional parameter left out', 'GET', '/v1/things/book', 201],
    ['a constraint not met', 'GET', '/v1/things/book/x', 404],
    ['another method: 404, not 405', 'DELETE', '/v1/things/book', 404],
    ['the default prefix, which host.json replaces', 'GET', '/api/nothing', 404],
    ['nothing returned', 'GET', '/v1/nothing', 204],
    ['an error thrown', 'GET', '/v1/throws', 500],
    ['a text returned', 'GET', '/v1/text', 500],
    ['a cookie that HTTP does not allow', 'GET', '/v1/badCookie', 500],
    ['a function switched off', 'GET', '/v1/switchedOff', 404],
    ['a level that asks for a key, without --enableAuth', 'GET', '/v1/guarded', 200],
    ['the home page', 'GET', '/', 200],
  ])('answer %s', async (_what, method, path, status) => {
    expect((await fetch(host.url + path, { method })).status).toBe(status);
  });

  it('log each call, and the error of a failed one with its stack', async () => {
    await logged(
      "Executing 'Functions.throws' (Reason='This function was programmatically called via the host APIs.', Id=",
    );
    await logged("Executed 'Functions.throws' (Failed, Id=");
    await logged('Error: the handler threw this\n    at');
  });

  it('take a path of any depth', async () => {
    expect(await (await fetch(`${host.url}/v1/files/a/b%20c/d.txt`)).text()).toBe('a/b c/d.txt');
  });

  it('carry bytes unchanged, a megabyte of them too, chunked or not', async () => {
    const bytes = Buffer.alloc(1 << 20, Buffer.from([0, 255, 128, 10]));
    const answer = await fetch(`${host.url}/v1/bytes`, { method: 'POST', body: bytes });
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(bytes).reverse())).toBe(true);
    expect(await postChunked(`${host.url}/v1/bytes`, ['abc', 'def'])).toBe('fedcba');
  });

  it('run with the hooks, which may change arguments and result', async () => {
    expect(await (await fetch(`${host.url}/v1/hooked`)).json()).toEqual({
      result: 'handler saw: replaced by the hook',
      hookData: 'pre',
    });
  });

  it('say what became of an output that has no stand-in', async () => {
    await fetch(`${host.url}/v1/outputs`);
    await logged('Output "queue" of function outputs is not delivered by this host; its value was: to the queue');
  });

  it('tell a browser of another origin that it may call', async () => {
    const origin = 'https://app.example';
    const preflight = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-asked' };
    const asked = await fetch(`${host.url}/v1/things/book`, { method: 'OPTIONS', headers: preflight });
    expect(asked.headers.get('access-control-allow-headers')).toBe('x-asked');
    const answer = await fetch(`${host.url}/v1/nothing`, { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    const other = await fetch(`${host.url}/v1/nothing`, { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('see the settings that func start sets', async () => {
    const value = async (name: string): Promise<unknown> =>
      (await fetch(`${host.url}/v1/environment?name=${name}`)).json();
    expect(await value('WEBSITE_HOSTNAME')).toBe(`localhost:${host.port}`);
    expect(await value('AZURE_FUNCTIONS_ENVIRONMENT')).toBe('Development');
  });
});

describe('timer functions', () => {
  it('run at the start if asked, and by a schedule from a setting', async () => {
    const runs = await until('two ticks', () => {
      const lines = host.lines.filter(line => line.includes(' tick {'));
      return lines.length > 1 ? lines : undefined;
    });
    const timer = JSON.parse(String(runs[1]).replace(/^.*? tick /, ''));
    expect(timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
    expect(
      new Date(timer.scheduleStatus.next).getTime() - new Date(timer.scheduleStatus.last).getTime(),
    ).toBeGreaterThan(0);
    await logged("Executing 'Functions.tick' (Reason='Timer fired at ");
  });

  it('run by a TimeSpan', async () => {
    await logged('a second passed');
  });

  it('are tried again by their retry policy', async () => {
    await logged('stubborn run 3, retry 2');
    expect(host.lines.some(line => line.includes('stubborn run 4'))).toBe(false);
  });

  it('leave the others alone when a schedule cannot be read', async () => {
    await logged(`The 'badSchedule' function is in error: schedule "whenever": expected five or six NCRONTAB fields`);
  });
});

describe('Event Grid functions', () => {
  const send = (type: string | undefined, body: unknown, functionName = 'landed', method = 'POST'): Promise<Response> =>
    fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=${functionName}`, {
      method,
      headers: type === undefined ? {} : { 'aeg-event-type': type },
      ...(method === 'OPTIONS' ? {} : { body: JSON.stringify(body) }),
    });
  const event = (subject: string): object => ({ id: '1', subject, eventType: 'T', data: { Url: `of ${subject}` } });

  it('prove that they want the events', async () => {
    const validation = { ...event('validation'), data: { validationCode: 'code-1' } };
    expect(await (await send('SubscriptionValidation', [validation])).json()).toEqual({ validationResponse: 'code-1' });
    const cloudEvent = { data: JSON.stringify({ validationCode: 'code-2' }) };
    expect(await (await send('SubscriptionValidation', cloudEvent)).json()).toEqual({ validationResponse: 'code-2' });
    const handshake = await send(undefined, undefined, 'landed', 'OPTIONS');
    expect(handshake.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
  });

  it('get each event of a batch, or a single one, with its data', async () => {
    expect((await send('Notification', [event('a'), event('b')])).status).toBe(202);
    expect((await send('notification', event('single'))).status).toBe(202);
    for (const subject of ['a', 'b', 'single']) await logged(`landed ${subject} {"url":"of ${subject}"}`);
  });

  it.each([
    ['one of the events fails', 'Notification', [event('fine'), event('poison')], 'landed', 500],
    ['the kind of call is unknown', undefined, event('x'), 'landed', 400],
    ['the function is unknown', 'Notification', event('x'), 'Landed', 404],
    ['the subscription ends', 'Unsubscribe', {}, 'landed', 202],
  ])('answer when %s', async (_what, type, body, name, status) => {
    expect((await send(type, body, name)).status).toBe(status);
  });
});

describe('Event Hubs functions', () => {
  it('are announced as not pumped, and can be called by hand', async () => {
    await logged('Not supported yet: eventHubTrigger of function watched is not pumped');
    const body = JSON.stringify({ input: '{"user":1}' });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${host.url}/admin/functions/watched`, { method: 'POST', headers, body })).status).toBe(202);
    await logged('watched [{"user":1}]');
  });
});

describe('the admin API', () => {
  it('lists the functions', async () => {
    const all = (await (await fetch(`${host.url}/admin/functions`)).json()) as { name: string }[];
    expect(all.map(fn => fn.name)).toContain('landed');
    const one = await (await fetch(`${host.url}/admin/functions/switchedoff`)).json();
    expect(one).toMatchObject({
      name: 'switchedOff',
      isDisabled: true,
      invoke_url_template: `${host.url}/v1/switchedOff`,
    });
  });

  it('shows the state of the host and the worker’s process id', async () => {
    const status = await (await fetch(`${host.url}/admin/host/status`)).json();
    expect(status).toMatchObject({ state: 'Running', workerProcessId: host.workerPid() });
    expect((await fetch(`${host.url}/admin/host/ping`)).status).toBe(200);
  });

  it.each([
    ['no such function', 'nobody', '{"input":""}', 404],
    ['no body', 'tick', '', 400],
  ])('refuses to call %s', async (_what, name, body, status) => {
    expect((await fetch(`${host.url}/admin/functions/${name}`, { method: 'POST', body })).status).toBe(status);
  });
});

function postChunked(url: string, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, async response => {
      resolve((await response.toArray()).join(''));
    });
    call.on('error', reject);
    for (const part of parts) call.write(part);
    call.end();
  });
}
