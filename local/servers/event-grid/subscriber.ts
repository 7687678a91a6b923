import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAction, FaultTable } from '../../faults.ts';
import { Consent } from './consent.ts';
import type { Attempt, DeadLetters } from './dead-letters.ts';
import type { Delivery, DeliveryLog } from './delivery-log.ts';
import { notification } from './notification.ts';
import { afterFailure, isDelivered, type Outcome, type Reason } from './retries.ts';
import { type EventSubscription, isTopic } from './subscription.ts';
import { type TopicOptions, topicId } from './topic.ts';
import { WebhookClient } from './webhook-client.ts';

/** What the subscribers of a start share. */
export interface SubscriberOptions {
  readonly log: DeliveryLog;
  /** Undefined where there is no place for events that cannot be delivered. */
  readonly deadLetters: DeadLetters | undefined;
  readonly faults: FaultTable | undefined;
  readonly timeScale: number;
  readonly say: (line: string) => void;
}

/** Deliveries that may be under way at the same time. */
const concurrency = 16;

/** Brings events to one webhook, in no order that anyone may rely on, until it took them or time is up. */
export class Subscriber {
  readonly subscription: EventSubscription;
  readonly #options: SubscriberOptions;
  readonly #client: WebhookClient;
  readonly #ready: Delivery[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #waiting = new Set<NodeJS.Timeout>();
  readonly #closing = new AbortController();
  readonly #consent = new Consent();
  #isOpen = false;

  constructor(subscription: EventSubscription, options: SubscriberOptions) {
    this.subscription = subscription;
    this.#options = options;
    this.#client = new WebhookClient(subscription.webhookUrl, concurrency);
  }

  /** Delivers as soon as it is this one's turn; nothing before `start`. */
  take(delivery: Delivery): void {
    this.#ready.push(delivery);
    this.#fill();
  }

  /**
   * Begins to deliver: at once, or where the subscription wants it so, when its webhook has agreed. It is asked until it does.
   * @param url where someone may agree in the webhook's place
   */
  async start(topics: readonly TopicOptions[], url: string): Promise<void> {
    if (this.subscription.validate) await this.#ask(topics, url);
    if (this.#closing.signal.aborted) return;
    this.#isOpen = true;
    this.#fill();
  }

  /** Takes what was said in the webhook's place; whether it was this one that was meant. */
  agree(validationId: string): boolean {
    if (validationId !== this.#consent.id) return false;
    this.#consent.give();
    return true;
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#closing.abort();
    this.#client.close();
    for (const timer of this.#waiting) clearTimeout(timer);
    await Promise.all(this.#underWay);
  }

  #ask(topics: readonly TopicOptions[], url: string): Promise<void> {
    const { name, topic, deliverySchema } = this.subscription;
    const source = topics.find(one => isTopic(topic, topicId(one.name)));
    const invitation = {
      subscription: name,
      topic: source === undefined ? topic : topicId(source.name),
      schema: deliverySchema ?? source?.schema ?? 'eventgrid',
      id: this.#consent.id,
      callbackUrl: `${url}/validate?id=${this.#consent.id}`,
    };
    return this.#consent.ask(this.#client, invitation, { ...this.#options, signal: this.#closing.signal });
  }

  #fill(): void {
    while (this.#isOpen && this.#underWay.size < concurrency) {
      const delivery = this.#ready.shift();
      if (delivery === undefined) return;
      const work = this.#deliver(delivery).finally(() => {
        this.#underWay.delete(work);
        this.#fill();
      });
      this.#underWay.add(work);
    }
  }

  async #deliver(before: Delivery): Promise<void> {
    const { log, timeScale } = this.#options;
    const { outcome, said } = await this.#post(before).catch(failure);
    if (this.#closing.signal.aborted) return;
    const delivery = { ...before, attempts: before.attempts + 1 };
    if (isDelivered(outcome)) {
      log.remove(delivery);
      return this.#tell(delivery, said);
    }
    const attempt = { outcome, said, atMs: Date.now() };
    const next = afterFailure(delivery.attempts, delivery.waitedMs, outcome, this.subscription);
    if (typeof next === 'string') return this.#giveUp(delivery, next, attempt);
    log.attempted(delivery);
    this.#tell(delivery, said);
    this.#wait({ ...delivery, waitedMs: delivery.waitedMs + next }, next * timeScale);
  }

  #wait(delivery: Delivery, ms: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.take(delivery);
    }, ms);
    // The deliveries are on disk: a process with nothing else to do need not stay for them.
    timer.unref();
    this.#waiting.add(timer);
  }

  #giveUp(delivery: Delivery, reason: Reason, last: Failure): void {
    const { log, deadLetters } = this.#options;
    let end = 'given up';
    try {
      const path = this.subscription.deadLetter && deadLetters?.keep(this.subscription, delivery, reason, last);
      if (path) end += `, kept in ${path}`;
    } catch (error) {
      // It stays in the log, and is tried again after the next start.
      this.#tell(delivery, `${last.said}; cannot keep the dead letter: ${error}`);
      return;
    }
    // Only now: a kill in between leaves two copies of the event rather than none.
    log.remove(delivery);
    this.#tell(delivery, `${last.said}; ${end}`);
  }

  #tell({ event, attempts }: Delivery, said: string): void {
    this.#options.say(`${this.subscription.name} ${event.subject ?? event.id}, attempt ${attempts}: ${said}`);
  }

  /** A fault `before` keeps the event from the webhook; one `after` loses the answer, so the event comes again. */
  async #post(delivery: Delivery): Promise<Result> {
    const operation = `DELIVER ${this.subscription.name} ${delivery.event.subject ?? ''}`;
    const { faults } = this.#options;
    const { signal } = this.#closing;
    const kept = await meet(await faults?.reach('event-grid', operation, 'before'), signal);
    if (kept !== undefined) return kept;
    const { status } = await this.#client.send(notification(this.subscription, delivery));
    const lost = await meet(await faults?.reach('event-grid', operation, 'after'), signal);
    return lost ?? { outcome: status, said: String(status) };
  }
}

interface Result {
  readonly outcome: Outcome;
  /** For the log. */
  readonly said: string;
}

interface Failure extends Result, Attempt {}

/** Carries out a fault: the status it answers instead of the webhook, if any. @throws Error for a connection that is cut */
async function meet(action: FaultAction | undefined, signal: AbortSignal): Promise<Result | undefined> {
  if (action?.kind === 'delay') await sleep(action.ms, undefined, { signal });
  if (action?.kind === 'reset') throw new Error('the connection was cut by a fault');
  return action?.kind === 'status' ? { outcome: action.status, said: String(action.status) } : undefined;
}

function failure(error: unknown): Result {
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return {
    outcome: isTimeout ? 'timeout' : 'unreachable',
    said: error instanceof Error ? error.message : String(error),
  };
}
