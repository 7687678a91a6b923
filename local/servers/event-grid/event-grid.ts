import type { FaultTable } from '../../faults.ts';
import { DeliveryLog } from './delivery-log.ts';
import type { GridEvent } from './grid-event.ts';
import { Subscriber } from './subscriber.ts';
import { type EventSubscription, matches } from './subscription.ts';

export interface EventGridOptions {
  /** For events that are not delivered yet. */
  readonly folder: string;
  readonly subscriptions: readonly EventSubscription[];
  readonly faults?: FaultTable;
  /** A factor on the waits between attempts. Default 1: ten seconds before the second one, as the service. */
  readonly timeScale?: number;
  /** One line per attempt. */
  readonly log?: (line: string) => void;
}

export interface EventGrid {
  /** Takes an event; when this returns it is on disk, and every subscriber it matches will get it at least once. */
  publish(event: GridEvent): void;
  /** Stops delivering, at once; what is not delivered yet waits for the next start. */
  close(): Promise<void>;
}

/**
 * Starts the Event Grid stand-in: it delivers events to webhooks and tries again those that fail.
 * @throws Error when another process uses the folder
 */
export function startEventGrid(options: EventGridOptions): EventGrid {
  const log = new DeliveryLog(options.folder);
  const subscribers = options.subscriptions.map(subscription => new Subscriber(subscription, log, options));
  for (const delivery of log.all()) {
    const subscriber = subscribers.find(({ subscription }) => subscription.name === delivery.subscription);
    // Whoever has ended a subscription wants nothing of it any more.
    if (subscriber === undefined) log.remove(delivery);
    else subscriber.take(delivery);
  }
  return {
    publish(event) {
      for (const subscriber of subscribers) {
        if (matches(subscriber.subscription, event)) subscriber.take(log.add(subscriber.subscription.name, event));
      }
    },
    async close() {
      await Promise.all(subscribers.map(subscriber => subscriber.close()));
      log.close();
    },
  };
}
