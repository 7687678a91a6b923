import type { FaultTable } from '../../faults.ts';
import { DeadLetters } from './dead-letters.ts';
import { DeliveryLog } from './delivery-log.ts';
import type { GridEvent } from './grid-event.ts';
import type { Service } from './serve.ts';
import { listen } from './server.ts';
import { Subscriber } from './subscriber.ts';
import { checkSubscriptions, type EventSubscription, matches } from './subscription.ts';
import { type TopicOptions, topicId } from './topic.ts';
import type { TopicEvent } from './topic-event.ts';

export interface EventGridOptions {
  /** For events that are not delivered yet. */
  readonly folder: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** To which applications may publish, at `url/topics/NAME/api/events`. */
  readonly topics?: readonly TopicOptions[];
  readonly subscriptions: readonly EventSubscription[];
  /** Further subscriptions: a JSON file with an array of them. */
  readonly subscriptionsFile?: string;
  /** The tree of a container, for events that cannot be delivered; on the same disk as `folder`. */
  readonly deadLetterFolder?: string;
  readonly faults?: FaultTable;
  /** A factor on all waits and on the time to live. Default 1: ten seconds before the second attempt, as the service. */
  readonly timeScale?: number;
  /** One line per attempt, handshake and publish request. */
  readonly log?: (line: string) => void;
}

export interface EventGrid {
  /** Scheme, address and port. */
  readonly url: string;
  /** Takes an event of a service; when this returns it is on disk, and every subscriber it matches gets it at least once. */
  publish(event: GridEvent): void;
  /** Stops delivering, at once; what is not delivered yet waits for the next start. */
  close(): Promise<void>;
}

/**
 * Starts the Event Grid stand-in: it takes events of services and, over HTTP, of applications, and brings them to webhooks.
 * @throws Error when the port is taken, when another process uses the folder, or when a subscription asks for what cannot be
 */
export async function startEventGrid(options: EventGridOptions): Promise<EventGrid> {
  const { folder, port = 0, topics = [], deadLetterFolder, faults, timeScale = 1, log: say = () => {} } = options;
  const subscriptions = [...options.subscriptions, ...(await subscriptionsIn(options.subscriptionsFile))];
  checkSubscriptions(subscriptions, topics, deadLetterFolder !== undefined);
  const log = new DeliveryLog(folder);
  const deadLetters = deadLetterFolder === undefined ? undefined : new DeadLetters(deadLetterFolder, folder);
  const shared = { log, deadLetters, faults, timeScale, say };
  const subscribers = new Map(subscriptions.map(one => [one.name, new Subscriber(one, shared)]));
  for (const delivery of log.all()) {
    const subscriber = subscribers.get(delivery.subscription);
    // Whoever has ended a subscription wants nothing of it any more.
    if (subscriber === undefined) log.remove(delivery);
    else subscriber.take(delivery);
  }
  const accept = (topic: string, events: readonly TopicEvent[]): void => {
    const wanted = events.flatMap(event =>
      subscriptions
        .filter(one => matches(one, topic, event))
        .map(({ name: subscription }) => ({ subscription, event })),
    );
    for (const delivery of log.add(wanted)) subscribers.get(delivery.subscription)?.take(delivery);
  };
  const service: Service = {
    topics,
    faults,
    log: say,
    accept: ({ name }, events) => accept(topicId(name), events),
    validate: id => [...subscribers.values()].some(subscriber => subscriber.agree(id)),
  };
  const server = await listen(port, service).catch(error => {
    log.close();
    throw error;
  });
  for (const subscriber of subscribers.values()) void subscriber.start(topics, server.url);
  return {
    url: server.url,
    publish: event => accept(event.topic, [event]),
    async close() {
      await server.close();
      for (const subscriber of subscribers.values()) await subscriber.close();
      log.close();
    },
  };
}

/** Loaded when it is needed: few starts have a file, and what checks it takes its time to load. */
async function subscriptionsIn(file: string | undefined): Promise<readonly EventSubscription[]> {
  if (file === undefined) return [];
  const { readSubscriptions } = await import('./subscriptions-file.ts');
  return readSubscriptions(file);
}
