import { type AdvancedFilter, passes } from './advanced-filters.ts';
import { type TopicOptions, topicId } from './topic.ts';
import { type EventSchema, type TopicEvent, typeOf } from './topic-event.ts';

/** Who hears of which events, and how. Empty or absent filters let everything through. Source: "Understand event filtering". */
export interface EventSubscription {
  readonly name: string;
  /** Where events are posted to. */
  readonly webhookUrl: string;
  /** Resource id of the one source listened to, or its last part: the name of a topic or of a storage account. */
  readonly topic: string;
  /** Without regard to case. */
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  /** Default false. */
  readonly isSubjectCaseSensitive?: boolean;
  /** An event has to pass all of them. At most 25. */
  readonly advancedFilters?: readonly AdvancedFilter[];
  /** Whether advanced filters look into arrays: one element that fits is enough. Default false: an array fits nothing. */
  readonly enableAdvancedFilteringOnArrays?: boolean;
  /** Default: as they were published. CloudEvents are not delivered in the other schema. */
  readonly deliverySchema?: EventSchema;
  /** 1 to 30. Default 30. */
  readonly maxDeliveryAttempts?: number;
  /** 1 to 1440. Default 1440. */
  readonly eventTimeToLiveInMinutes?: number;
  /** Whether events that cannot be delivered are kept in files; the others are dropped. Default false. */
  readonly deadLetter?: boolean;
  /** Headers on top of the service's. At most 10. */
  readonly deliveryHeaders?: readonly DeliveryHeader[];
  /** Whether the webhook has to agree before the first event is delivered, as with the service. Default false. */
  readonly validate?: boolean;
}

/** A header with a fixed value, or with what an event has at a key such as `data.list`. */
export type DeliveryHeader =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly sourceField: string };

/** @param topic resource id of what raised the event */
export function matches(subscription: EventSubscription, topic: string, event: TopicEvent): boolean {
  const { includedEventTypes = [], isSubjectCaseSensitive = false, advancedFilters = [] } = subscription;
  const folded = (text = ''): string => (isSubjectCaseSensitive ? text : text.toLowerCase());
  const types = includedEventTypes.map(type => type.toLowerCase());
  const intoArrays = subscription.enableAdvancedFilteringOnArrays ?? false;
  return (
    isTopic(subscription.topic, topic) &&
    (types.length === 0 || types.includes(typeOf(event).toLowerCase())) &&
    folded(event.subject).startsWith(folded(subscription.subjectBeginsWith)) &&
    folded(event.subject).endsWith(folded(subscription.subjectEndsWith)) &&
    advancedFilters.every(filter => passes(filter, event, intoArrays))
  );
}

/** Whether a subscription's `topic` means the one of this resource id. */
export function isTopic(topic: string, id: string): boolean {
  return id === topic || id.endsWith(`/${topic}`);
}

/** @throws Error for a subscription that could not be served, and for two of one name */
export function checkSubscriptions(
  subscriptions: readonly EventSubscription[],
  topics: readonly TopicOptions[],
  hasDeadLetters: boolean,
): void {
  for (const [at, { name, topic, webhookUrl, deadLetter, deliverySchema }] of subscriptions.entries()) {
    const fail = (why: string): never => {
      throw new Error(`event grid: subscription ${name}: ${why}`);
    };
    if (subscriptions.findIndex(other => other.name === name) !== at) fail('there is another one of this name');
    const isAddress = /^https?:/.test(webhookUrl) && URL.canParse(webhookUrl);
    if (!isAddress) fail(`webhookUrl '${webhookUrl}' is no http or https address`);
    if (deadLetter && !hasDeadLetters) fail('deadLetter needs a folder for them: start with a deadLetterFolder');
    const source = topics.find(({ name }) => isTopic(topic, topicId(name)));
    if (source?.schema === 'cloudevents' && deliverySchema === 'eventgrid') {
      fail(`topic ${source.name} takes CloudEvents, which are not delivered in the Event Grid schema`);
    }
  }
}
