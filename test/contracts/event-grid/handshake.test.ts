import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { EventSubscription } from '../../../local/servers/event-grid/subscription.ts';
import { startApp } from '../host/app-host.ts';
import { cloudEvents, grid, gridEvents, hooked, landed, stopLast } from './fixture.ts';
import type { Notification, Reply } from './webhook.ts';

const event = { id: 'a', subject: 's', eventType: 't', dataVersion: '1', data: {} };
const kinds = (got: readonly Notification[]) =>
  got.map(({ method, headers }) => (method === 'OPTIONS' ? method : headers['aeg-event-type']));

function subscription(topic: string, webhookUrl: string): EventSubscription {
  return { name: 'landed', topic, webhookUrl, validate: true };
}

/** What the validation event holds, if this is one. */
function validation({ headers, events }: Notification): { validationCode: string; validationUrl: string } | undefined {
  if (headers['aeg-event-type'] !== 'SubscriptionValidation') return undefined;
  return events[0]?.data as { validationCode: string; validationUrl: string };
}

/** A webhook that agrees as the Event Grid schema has it, from its nth validation event on. */
function agrees(from = 1) {
  let asked = 0;
  return (notification: Notification): Reply | number => {
    const asks = validation(notification);
    if (asks === undefined) return 200;
    asked += 1;
    if (asked < from) return 503;
    return { status: 200, body: JSON.stringify({ validationResponse: asks.validationCode }) };
  };
}

describe('in the Event Grid schema', () => {
  test('the validation event comes first, and the events once the code is back', async () => {
    const hook = await hooked(agrees());
    const server = await grid([subscription('eventgrid', hook.url)]);
    await gridEvents(server).send([event]);
    const got = await hook.received(2);
    expect(kinds(got)).toEqual(['SubscriptionValidation', 'Notification']);
    expect(got[0]?.headers['aeg-subscription-name']).toBe('LANDED');
    expect(got[0]?.events).toMatchObject([
      {
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        subject: '',
        topic: expect.stringMatching(/\/topics\/eventgrid$/),
        metadataVersion: '1',
        dataVersion: '2',
        data: {
          validationCode: expect.stringMatching(/^[\da-f-]{36}$/),
          validationUrl: expect.stringContaining('id='),
        },
      },
    ]);
  });

  test('a webhook that is not well yet is asked again, and nothing is lost', async () => {
    const hook = await hooked(agrees(3));
    const server = await grid([subscription('eventgrid', hook.url)]);
    await gridEvents(server).send([event]);
    const asked = Array.from({ length: 3 }, () => 'SubscriptionValidation');
    expect(kinds(await hook.received(4))).toEqual([...asked, 'Notification']);
  });

  test('a webhook that is down is asked when it is up', async () => {
    const hook = await hooked();
    const { port } = new URL(hook.url);
    await stopLast();
    const refused = Promise.withResolvers<string>();
    const server = await grid([subscription('eventgrid', hook.url)], { log: refused.resolve });
    await gridEvents(server).send([event]);
    expect(await refused.promise).toMatch(/^landed, handshake: refused: connect ECONNREFUSED/);
    const later = await hooked(agrees(), Number(port));
    expect(kinds(await later.received(2))).toEqual(['SubscriptionValidation', 'Notification']);
  });

  test.each<[string, Reply]>([
    ['another status than 200', { status: 202 }],
    ['another code', { status: 200, body: '{"validationResponse":"x"}' }],
    ['no JSON', { status: 200, body: 'welcome' }],
  ])('%s is no consent', async (_what, reply) => {
    const hook = await hooked(notification => (validation(notification) === undefined ? 200 : reply));
    const asked = Promise.withResolvers<string>();
    const server = await grid([subscription('eventgrid', hook.url)], { timeScale: 1, log: asked.resolve });
    expect(await asked.promise).toMatch(/^landed, handshake: (refused|later)/);
    await gridEvents(server).send([event]);
    await sleep(20);
    expect(kinds(hook.got)).toEqual(['SubscriptionValidation']);
  });

  test('whoever opens the validation URL agrees in the place of the webhook', async () => {
    const hook = await hooked(() => 200);
    const server = await grid([subscription('eventgrid', hook.url)], { timeScale: 1 });
    await gridEvents(server).send([event]);
    const [asked] = await hook.received(1);
    const url = asked === undefined ? '' : (validation(asked)?.validationUrl ?? '');
    expect((await fetch(url.replace(/id=.*/, 'id=other'))).status).toBe(404);
    expect(hook.got).toHaveLength(1);
    expect((await fetch(url)).status).toBe(200);
    expect(kinds(await hook.received(2))).toEqual(['SubscriptionValidation', 'Notification']);
  });
});

describe('with CloudEvents', () => {
  test.each(['eventgrid.azure.net', '*'])('the webhook is asked by OPTIONS and allows %s', async origin => {
    const hook = await hooked(({ method }) =>
      method === 'OPTIONS' ? { status: 200, headers: { 'webhook-allowed-origin': origin } } : 200,
    );
    const server = await grid([subscription('cloudevents', hook.url)]);
    await cloudEvents(server).send([landed('a')]);
    const got = await hook.received(2);
    expect(kinds(got)).toEqual(['OPTIONS', 'Notification']);
    expect(got[0]?.headers).toMatchObject({
      'webhook-request-origin': 'eventgrid.azure.net',
      'webhook-request-callback': expect.stringContaining(`${server.url}/validate?id=`),
    });
  });

  test('a webhook that allows another origin hears nothing', async () => {
    const hook = await hooked(() => ({ status: 200, headers: { 'webhook-allowed-origin': 'example.org' } }));
    const server = await grid([subscription('cloudevents', hook.url)]);
    await cloudEvents(server).send([landed('a')]);
    expect(new Set(kinds(await hook.received(3)))).toEqual(new Set(['OPTIONS']));
  });

  test('whoever calls back agrees in the place of the webhook', async () => {
    const hook = await hooked(() => 200);
    const server = await grid([subscription('cloudevents', hook.url)], { timeScale: 1 });
    await cloudEvents(server).send([landed('a')]);
    const [asked] = await hook.received(1);
    const response = await fetch(String(asked?.headers['webhook-request-callback']), { method: 'POST' });
    expect(response.status).toBe(200);
    expect(kinds(await hook.received(2))).toEqual(['OPTIONS', 'Notification']);
  });
});

test.each(['eventgrid', 'cloudevents'])('the Functions host agrees to %s', async topic => {
  const host = await startApp('triggers');
  const agreed = Promise.withResolvers<string>();
  const webhookUrl = `${host.url}/runtime/webhooks/eventgrid?functionName=landed`;
  await grid([subscription(topic, webhookUrl)], { log: agreed.resolve });
  expect(await agreed.promise).toBe('landed, handshake: agreed');
  await host.close();
});
