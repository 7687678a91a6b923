import type { EventSchema } from './topic-event.ts';

/** A topic that applications publish to. */
export interface TopicOptions {
  readonly name: string;
  /** Base64, each as good as the others: the service has two, so that one can be changed while the other is in use. */
  readonly keys: readonly string[];
  readonly schema: EventSchema;
}

/** The resource id, which events of the Event Grid schema carry. */
export function topicId(name: string): string {
  const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local';
  return `${group}/providers/Microsoft.EventGrid/topics/${name}`;
}
