import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Delivery } from './delivery-log.ts';
import { nameOf, type Outcome, type Reason } from './retries.ts';
import type { EventSubscription } from './subscription.ts';
import { inSchema, isCloudEvent } from './topic-event.ts';

/** How the last attempt went, and when. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly atMs: number;
}

/** Events that could not be delivered, as files in the tree of a container. Source: "Dead letter and retry policies". */
export class DeadLetters {
  readonly #folder: string;
  readonly #staging: string;

  /** @param staging a folder on the same disk: a file is written there and then moved, so that nobody sees half of it */
  constructor(folder: string, staging: string) {
    this.#folder = folder;
    this.#staging = staging;
  }

  /**
   * Keeps an event, as an array of one, at `TOPIC/SUBSCRIPTION/YYYY/M/D/H/GUID.json`. Differs: at once, the service takes five
   * minutes and may put several into one file.
   * @returns the path below the folder
   */
  keep(subscription: EventSubscription, delivery: Delivery, reason: Reason, last: Attempt): string {
    const id = randomUUID();
    const path = join(pathOf(subscription, new Date()), `${id}.json`);
    const staged = join(this.#staging, `${id}.json`);
    const target = join(this.#folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(staged, JSON.stringify([deadEvent(subscription, delivery, reason, last)]));
    renameSync(staged, target);
    return path;
  }
}

function pathOf({ topic, name }: EventSubscription, now: Date): string {
  const source = topic.split('/').at(-1) ?? topic;
  const hour = [now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate(), now.getUTCHours()];
  return join(source.toUpperCase(), name.toUpperCase(), ...hour.map(String));
}

/** The event as it would have been delivered, with what became of it beside its own properties. */
function deadEvent({ deliverySchema }: EventSubscription, delivery: Delivery, reason: Reason, last: Attempt): object {
  const event = inSchema(delivery.event, deliverySchema);
  const about = {
    deadLetterReason: reason,
    deliveryAttempts: delivery.attempts,
    lastDeliveryOutcome: nameOf(last.outcome),
    ...(typeof last.outcome === 'number' ? { lastHttpStatusCode: last.outcome } : {}),
    publishTime: new Date(delivery.publishedMs).toISOString(),
    lastDeliveryAttemptTime: new Date(last.atMs).toISOString(),
  };
  // Attributes of CloudEvents have no capitals.
  const named = Object.entries(about).map(([name, value]) => [isCloudEvent(event) ? name.toLowerCase() : name, value]);
  return { ...event, ...Object.fromEntries(named) };
}
