import type { GridEvent } from './grid-event.ts';

/** Who hears of which events. Empty or absent filters let everything through. Source: "Understand event filtering". */
export interface EventSubscription {
  readonly name: string;
  /** Where events are posted to. */
  readonly webhookUrl: string;
  /** Resource id of the one source listened to, or its last part, such as the name of a storage account. */
  readonly topic: string;
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  /** Default false. */
  readonly isSubjectCaseSensitive?: boolean;
}

export function matches(subscription: EventSubscription, event: GridEvent): boolean {
  const { topic, includedEventTypes = [], isSubjectCaseSensitive = false } = subscription;
  const folded = (text = ''): string => (isSubjectCaseSensitive ? text : text.toLowerCase());
  const types = includedEventTypes.map(type => type.toLowerCase());
  return (
    (event.topic === topic || event.topic.endsWith(`/${topic}`)) &&
    (types.length === 0 || types.includes(event.eventType.toLowerCase())) &&
    folded(event.subject).startsWith(folded(subscription.subjectBeginsWith)) &&
    folded(event.subject).endsWith(folded(subscription.subjectEndsWith))
  );
}
