import { type CloudEvent, cloudEventOf } from './cloud-event.ts';
import type { GridEvent } from './grid-event.ts';

/** In which of the two forms a topic takes events, and a subscription gets them. */
export type EventSchema = 'eventgrid' | 'cloudevents';

export type TopicEvent = GridEvent | CloudEvent;

export function isCloudEvent(event: TopicEvent): event is CloudEvent {
  return 'specversion' in event;
}

export function typeOf(event: TopicEvent): string {
  return isCloudEvent(event) ? event.type : event.eventType;
}

/** The event as it is delivered in a schema; undefined stands for the one that it came in. */
export function inSchema(event: TopicEvent, schema: EventSchema | undefined): TopicEvent {
  return schema === 'cloudevents' && !isCloudEvent(event) ? cloudEventOf(event) : event;
}
