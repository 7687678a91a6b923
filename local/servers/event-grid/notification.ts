import { randomUUID } from 'node:crypto';
import type { Delivery } from './delivery-log.ts';
import { valueAt } from './event-key.ts';
import type { EventSubscription } from './subscription.ts';
import { inSchema, isCloudEvent, type TopicEvent } from './topic-event.ts';
import type { WebhookRequest } from './webhook-client.ts';

/** The request that brings an event to its webhook. Source: "Event Grid event delivery", headers as the service sends them. */
export function notification(subscription: EventSubscription, { event, attempts }: Delivery): WebhookRequest {
  const delivered = inSchema(event, subscription.deliverySchema);
  const isCloud = isCloudEvent(delivered);
  return {
    method: 'POST',
    headers: {
      ...ownHeaders(subscription, event),
      'content-type': `application/${isCloud ? 'cloudevents+json' : 'json'}; charset=utf-8`,
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': subscription.name.toUpperCase(),
      'aeg-delivery-count': String(attempts),
      'aeg-data-version': isCloud ? '' : delivered.dataVersion,
      'aeg-metadata-version': isCloud ? '1.0' : delivered.metadataVersion,
      'aeg-output-event-id': randomUUID(),
    },
    body: JSON.stringify(isCloud ? delivered : [delivered]),
  };
}

/** Those of the subscription. What is no text, number or boolean, or no header could carry, is left out. */
function ownHeaders({ deliveryHeaders = [] }: EventSubscription, event: TopicEvent): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const header of deliveryHeaders) {
    const value = 'value' in header ? header.value : valueAt(event, header.sourceField);
    if (value === undefined || value === null || typeof value === 'object') continue;
    const text = String(value);
    if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) headers[header.name.toLowerCase()] = text;
  }
  return headers;
}
