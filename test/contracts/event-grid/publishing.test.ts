import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  AzureKeyCredential,
  AzureSASCredential,
  EventGridDeserializer,
  generateSharedAccessSignature,
} from '@azure/eventgrid';
import { describe, expect, test } from 'vitest';
import { cloudEvents, endpoint, faults, folder, grid, gridEvents, hooked, keys, landed } from './fixture.ts';

const deserializer = new EventGridDeserializer();
const service = 'event-grid';

async function started(topic = 'cloudevents') {
  const hook = await hooked();
  const server = await grid([{ name: 'landed', topic, webhookUrl: hook.url }]);
  return { hook, server };
}

/** Publishes as no SDK would. */
function post(address: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(address, { method: 'POST', body, headers: { 'aeg-sas-key': keys[0] ?? '', ...headers } });
}

const json = 'application/json';
const structured = 'application/cloudevents+json';
const batched = 'application/cloudevents-batch+json; charset=utf-8';
const version = '?api-version=2018-01-01';

describe('with the SDK', () => {
  test('CloudEvents arrive one by one, and the SDK reads them back', async () => {
    const { hook, server } = await started();
    const time = new Date('2026-11-22T10:00:00.123Z');
    const extensionAttributes = { traceid: 'abc', attempt: 3 };
    await cloudEvents(server).send([{ ...landed('a'), time, extensionAttributes }, landed('b')]);
    const got = await hook.received(2);
    const a = got.find(({ body }) => body.includes('"id":"a"'));
    expect(a?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(a?.headers).toMatchObject({ 'aeg-event-type': 'Notification', 'aeg-metadata-version': '1.0' });
    expect(a?.body).toMatch(/^\{/);
    const [event] = await deserializer.deserializeCloudEvents(a?.body ?? '');
    expect(event).toMatchObject({ ...landed('a'), time, specversion: '1.0', extensionAttributes });
  });

  test('bytes of a CloudEvent are the same bytes', async () => {
    const { hook, server } = await started();
    const data = Uint8Array.from([0, 1, 254, 255]);
    await cloudEvents(server).send([{ ...landed('a'), data, datacontenttype: 'application/octet-stream' }]);
    const [got] = await hook.received(1);
    const [event] = await deserializer.deserializeCloudEvents(got?.body ?? '');
    expect(Uint8Array.from(event?.data as Uint8Array)).toEqual(data);
  });

  test('events of the Event Grid schema get what the service stamps on them', async () => {
    const { hook, server } = await started('eventgrid');
    const event = { id: 'a', subject: 's', eventType: 't', dataVersion: '2', data: { deep: [1, null, '😀'] } };
    await gridEvents(server).send([event]);
    const [got] = await hook.received(1);
    expect(got?.headers['aeg-data-version']).toBe('2');
    const [read] = await deserializer.deserializeEventGridEvents(got?.body ?? '');
    expect(read).toMatchObject({ ...event, metadataVersion: '1' });
    expect(read?.topic).toMatch(/^\/subscriptions\/.*\/Microsoft\.EventGrid\/topics\/eventgrid$/);
  });

  test('events of the Event Grid schema may go out as CloudEvents', async () => {
    const hook = await hooked();
    const server = await grid([
      { name: 'landed', topic: 'eventgrid', webhookUrl: hook.url, deliverySchema: 'cloudevents' },
    ]);
    const eventTime = new Date('2026-11-22T10:00:00.000Z');
    await gridEvents(server).send([{ id: 'a', subject: 's', eventType: 't', eventTime, dataVersion: '2', data: {} }]);
    const [got] = await hook.received(1);
    const [read] = await deserializer.deserializeCloudEvents(got?.body ?? '');
    expect(read).toMatchObject({ id: 'a', subject: 's', type: 't', time: eventTime, dataschema: '#2', data: {} });
    expect(read?.source).toMatch(/\/topics\/eventgrid$/);
  });

  test('the second key is as good as the first', async () => {
    const { hook, server } = await started();
    await cloudEvents(server, new AzureKeyCredential(keys[1] ?? '')).send([landed('a')]);
    expect(await hook.received(1)).toHaveLength(1);
  });

  test('a wrong key is refused, and not repeated in the answer', async () => {
    const { hook, server } = await started();
    const wrong = Buffer.alloc(32, 9).toString('base64');
    const sent = cloudEvents(server, new AzureKeyCredential(wrong)).send([landed('a')]);
    await expect(sent).rejects.toMatchObject({ statusCode: 401, code: 'Unauthorized' });
    await expect(sent).rejects.not.toThrow(wrong);
    expect(hook.got).toEqual([]);
  });

  test('events that are published twice arrive twice: the service looks at no id', async () => {
    const { hook, server } = await started();
    for (const _time of [1, 2]) await cloudEvents(server).send([landed('a')]);
    expect(await hook.received(2)).toHaveLength(2);
  });
});

describe('with a shared access signature', () => {
  const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);
  const sign = (address: string, key = keys[1] ?? '', expiry = inMinutes(5)): Promise<string> =>
    generateSharedAccessSignature(address, new AzureKeyCredential(key), expiry);

  test('one that a key of the topic has signed', async () => {
    const { hook, server } = await started();
    const token = await sign(endpoint(server, 'cloudevents'));
    await cloudEvents(server, new AzureSASCredential(token)).send([landed('a')]);
    const headers = { 'content-type': batched, authorization: `SharedAccessSignature ${token}` };
    const body = JSON.stringify([{ ...landed('b'), specversion: '1.0' }]);
    const address = `${endpoint(server, 'cloudevents')}${version}`;
    expect((await fetch(address, { method: 'POST', body, headers })).status).toBe(200);
    expect(await hook.received(2)).toHaveLength(2);
  });

  test.each([
    ['has expired', (address: string) => sign(address, keys[0], inMinutes(-1)), /has expired at \d+\/\d+\/\d{4} /],
    [
      'is of another key',
      (address: string) => sign(address, Buffer.alloc(32, 9).toString('base64')),
      /is none of a key/,
    ],
    [
      'is for another topic',
      (address: string) => sign(address.replace('cloudevents', 'other')),
      /the token is for .*other/,
    ],
    ['was changed', async (address: string) => (await sign(address)).replace(/e=\d+/, 'e=9'), /is none of a key/],
    ['is no token', async () => 'nonsense', /is none of a key/],
    ['is broken off', async (address: string) => `${await sign(address)}%`, /is none of a key/],
  ])('one that %s is refused', async (_what, make, message) => {
    const { server } = await started();
    const token = await make(endpoint(server, 'cloudevents'));
    const sent = cloudEvents(server, new AzureSASCredential(token)).send([landed('a')]);
    await expect(sent).rejects.toMatchObject({ statusCode: 401, message: expect.stringMatching(message) });
  });

  test.each([
    ['as the Python SDK writes it', (time: string) => time.replace('T', ' ').replace('Z', '000+00:00')],
    ['in ISO 8601', (time: string) => time],
  ])('an expiry %s', async (_what, write) => {
    const { server } = await started();
    const address = endpoint(server, 'cloudevents');
    const expiry = write(inMinutes(5).toISOString());
    const signed = `r=${encodeURIComponent(`${address}${version}`)}&e=${encodeURIComponent(expiry)}`;
    const signature = createHmac('sha256', Buffer.from(keys[0] ?? '', 'base64'))
      .update(signed)
      .digest('base64');
    const token = `${signed}&s=${encodeURIComponent(signature)}`;
    await cloudEvents(server, new AzureSASCredential(token)).send([landed('a')]);
  });
});

describe('what is refused, whole', () => {
  const good = { id: 'a', source: '/s', type: 't', specversion: '1.0' };
  const first = {
    id: 'a',
    subject: 's',
    eventType: 't',
    eventTime: '2026-01-01T00:00:00Z',
    data: {},
    dataVersion: '1',
  };

  test.each<[string, string, unknown, string, RegExp]>([
    ['no JSON', 'cloudevents', '{"a":', batched, /The body is not JSON/],
    ['nothing', 'cloudevents', '', batched, /The body is not JSON/],
    ['null', 'cloudevents', null, batched, /Expected an array .*, got null/],
    ['no event at all', 'cloudevents', [], batched, /at least one event/],
    ['an object in place of an array', 'cloudevents', good, batched, /Expected an array .*, got object/],
    ['an array in place of an object', 'cloudevents', [good], structured, /Expected an object .*, got array/],
    ['an event that is none', 'cloudevents', [good, 1], batched, /Event 1: expected an object/],
    ['another version', 'cloudevents', [{ ...good, specversion: '0.3' }], batched, /'specversion' must be '1.0'/],
    ['no source', 'cloudevents', [{ ...good, source: undefined }], batched, /'source' must be a text/],
    ['an id that is a number', 'cloudevents', [{ ...good, id: 7 }], batched, /'id' must be a text/],
    ['a time that is none', 'cloudevents', [{ ...good, time: 'noon' }], batched, /time 'noon' is not one of RFC 3339/],
    ['data twice', 'cloudevents', [{ ...good, data: 1, data_base64: '' }], batched, /exclude each other/],
    ['bytes that are no base64', 'cloudevents', [{ ...good, data_base64: '%' }], batched, /must be base64/],
    ['an attribute with capitals', 'cloudevents', [{ ...good, traceId: 'a' }], batched, /lower-case letters/],
    ['an attribute that is an object', 'cloudevents', [{ ...good, trace: {} }], batched, /must be a text, a boolean/],
    ['the other schema', 'cloudevents', [first], batched, /configured to receive event in 'CloudEventV10'/],
    ['the other schema', 'eventgrid', [good], json, /configured to receive event in 'EventGridEvent'/],
    ['CloudEvents by their content type', 'eventgrid', [first], batched, /content types application\/json, not/],
    ['one event in place of an array', 'eventgrid', first, json, /Expected an array .*, got object/],
    ['no subject', 'eventgrid', [{ ...first, subject: '' }], json, /'subject' must be a text that is not empty/],
    ['no data', 'eventgrid', [{ ...first, data: undefined }], json, /'data' must be an object/],
    ['data that is a text', 'eventgrid', [{ ...first, data: 'x' }], json, /'data' must be an object/],
    ['a time that is none', 'eventgrid', [{ ...first, eventTime: 'noon' }], json, /eventTime 'noon' is not a time/],
    ['a foreign topic', 'eventgrid', [{ ...first, topic: '/other' }], json, /topic '\/other' is not this one/],
    ['a topic that is no text', 'eventgrid', [{ ...first, topic: 7 }], json, /'topic' must be a text/],
    ['a metadata version', 'eventgrid', [{ ...first, metadataVersion: '2' }], json, /'metadataVersion' must be '1'/],
  ])('%s, to %s', async (_what, topic, body, contentType, message) => {
    const { hook, server } = await started(topic);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await post(`${endpoint(server, topic)}${version}`, text, { 'content-type': contentType });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string; details: unknown[] } };
    expect(error).toMatchObject({ code: 'BadRequest', message: expect.stringMatching(message) });
    expect(error.details).toEqual([{ code: 'InputJsonInvalid', message: error.message }]);
    expect(hook.got).toEqual([]);
  });

  test.each([
    ['without any proof', { 'aeg-sas-key': '' }, version, 'cloudevents', 401],
    ['of another version of the API', {}, '?api-version=2017-01-01', 'cloudevents', 400],
    ['without a version of the API', {}, '', 'cloudevents', 400],
    ['to a topic that does not exist', {}, version, 'other', 404],
  ])('a request %s', async (_what, headers, query, topic, status) => {
    const { server } = await started();
    const response = await post(`${endpoint(server, topic)}${query}`, '[]', { 'content-type': batched, ...headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { details: [{ message: expect.any(String) }] } });
  });

  test('an address that is none', async () => {
    const { server } = await started();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.end('POST // HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n');
    expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1.1 400 .*There is no address/s);
  });

  test('a method that is none', async () => {
    const { server } = await started();
    expect((await fetch(`${endpoint(server, 'cloudevents')}${version}`)).status).toBe(405);
  });

  test('more than a mebibyte, and just as much is taken', async () => {
    const { hook, server } = await started();
    const send = (bytes: number): Promise<void> => {
      const about = { ...landed('a'), time: new Date(0) };
      const rest = JSON.stringify([
        { ...about, data: { text: '' }, specversion: '1.0', datacontenttype: 'application/json' },
      ]);
      return cloudEvents(server).send([{ ...about, data: { text: 'x'.repeat(bytes - rest.length) } }]);
    };
    await expect(send(1024 * 1024 + 1)).rejects.toMatchObject({ statusCode: 413, code: 'PayloadTooLarge' });
    await expect(send(9 * 1024 * 1024)).rejects.toMatchObject({ statusCode: 413 });
    await send(1024 * 1024);
    expect((await hook.received(1))[0]?.body).toHaveLength(1024 * 1024 - 2);
  });
});

test('one CloudEvent may come alone, and attributes that are null are none', async () => {
  const { hook, server } = await started();
  const body = JSON.stringify({ id: 'a', source: '/s', type: 't', specversion: '1.0', subject: null, data: null });
  const address = `${endpoint(server, 'cloudevents')}${version}`;
  const response = await post(address, body, { 'content-type': structured });
  expect([response.status, await response.text()]).toEqual([200, '']);
  const [got] = await hook.received(1);
  expect(JSON.parse(got?.body ?? '')).toEqual({ id: 'a', source: '/s', type: 't', specversion: '1.0', data: null });
});

describe('faults', () => {
  const operation = 'PUBLISH cloudevents';

  test('an answer that is lost: the SDK sends again, and the events arrive twice', async () => {
    const { hook, server } = await started();
    const lost = faults.add({ service, operation, phase: 'after', action: { kind: 'reset' } });
    await cloudEvents(server).send([landed('a')]);
    expect((await hook.received(2)).map(({ events }) => events[0]?.id)).toEqual(['a', 'a']);
    expect(lost.fired).toBe(1);
  });

  test('a service that is busy: the SDK waits as it is told, and the events arrive once', async () => {
    const { hook, server } = await started();
    faults.add({ service, operation, action: { kind: 'status', status: 503, retryAfterSeconds: 0 } });
    await cloudEvents(server).send([landed('a')]);
    await cloudEvents(server).send([landed('b')]);
    expect((await hook.received(2)).map(({ events }) => events[0]?.id).sort()).toEqual(['a', 'b']);
  });

  test('a connection that is cut before: nothing is taken', async () => {
    const { hook, server } = await started();
    faults.add({ service, operation, action: { kind: 'reset' }, times: 2 });
    await expect(cloudEvents(server).send([landed('a')])).rejects.toThrow();
    await cloudEvents(server).send([landed('b')]);
    expect((await hook.received(1)).map(({ events }) => events[0]?.id)).toEqual(['b']);
  });
});

test('a port that is taken is named', async () => {
  const { server } = await started();
  const port = Number(new URL(server.url).port);
  await expect(grid([], { port, folder: join(folder, 'other') })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
});
