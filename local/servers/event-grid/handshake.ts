import { randomUUID } from 'node:crypto';
import type { EventSchema } from './topic-event.ts';
import type { WebhookClient } from './webhook-client.ts';

/** What a webhook is asked for. */
export interface Invitation {
  readonly subscription: string;
  /** Resource id. */
  readonly topic: string;
  readonly schema: EventSchema;
  readonly id: string;
  /** Whoever calls it agrees in the webhook's place. */
  readonly callbackUrl: string;
}

/** `later`: the webhook is well, and someone may call the callback. `refused` may be because it is not up yet. */
export type Reply =
  | { readonly kind: 'agreed' }
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly reason: string };

const origin = 'eventgrid.azure.net';

/** Asks a webhook whether it wants events, as its schema has it. Source: "Endpoint validation with Event Grid event schema". */
export function shakeHands(client: WebhookClient, invitation: Invitation): Promise<Reply> {
  const asked = invitation.schema === 'cloudevents' ? askOrigin(client, invitation) : askCode(client, invitation);
  return asked.catch(error => ({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) }));
}

/** CloudEvents webhooks 1.0, section 4: the webhook names the origin from which it takes events. */
async function askOrigin(client: WebhookClient, { callbackUrl }: Invitation): Promise<Reply> {
  const headers = {
    'webhook-request-origin': origin,
    'webhook-request-rate': '120',
    'webhook-request-callback': callbackUrl,
  };
  const answer = await client.send({ method: 'OPTIONS', headers });
  const allowed = answer.headers['webhook-allowed-origin'];
  if (answer.status === 200 && (allowed === '*' || String(allowed).toLowerCase() === origin)) return { kind: 'agreed' };
  if (answer.status === 200 && allowed === undefined) return { kind: 'later' };
  return { kind: 'refused', reason: `OPTIONS was answered ${answer.status}, webhook-allowed-origin: ${allowed}` };
}

/** The webhook gives back the code it is sent. Only a 200 counts. */
async function askCode(client: WebhookClient, invitation: Invitation): Promise<Reply> {
  const { subscription, topic, id: validationCode, callbackUrl: validationUrl } = invitation;
  const event = {
    id: randomUUID(),
    topic,
    subject: '',
    data: { validationCode, validationUrl },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: new Date().toISOString(),
    metadataVersion: '1',
    dataVersion: '2',
  };
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'SubscriptionValidation',
    'aeg-subscription-name': subscription.toUpperCase(),
  };
  const answer = await client.send({ method: 'POST', headers, body: JSON.stringify([event]) });
  if (answer.status !== 200) return { kind: 'refused', reason: `the validation event was answered ${answer.status}` };
  return codeIn(answer.text) === validationCode ? { kind: 'agreed' } : { kind: 'later' };
}

function codeIn(text: string): unknown {
  try {
    return JSON.parse(text)?.validationResponse;
  } catch {
    return undefined;
  }
}
