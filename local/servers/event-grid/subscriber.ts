import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAction, FaultTable } from '../../faults.ts';
import type { Delivery, DeliveryLog } from './delivery-log.ts';
import { isDelivered, nextWaitMs } from './retries.ts';
import type { EventSubscription } from './subscription.ts';

interface SubscriberOptions {
  readonly faults?: FaultTable;
  readonly timeScale?: number;
  readonly log?: (line: string) => void;
}

/** Deliveries that may be under way at the same time. */
const concurrency = 16;
const answerTimeoutMs = 30_000;

/** Brings events to one webhook, in no order that anyone may rely on, until it took them or time is up. */
export class Subscriber {
  readonly subscription: EventSubscription;
  readonly #log: DeliveryLog;
  readonly #options: SubscriberOptions;
  readonly #ready: Delivery[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #waiting = new Set<NodeJS.Timeout>();
  readonly #closing = new AbortController();

  constructor(subscription: EventSubscription, log: DeliveryLog, options: SubscriberOptions) {
    this.subscription = subscription;
    this.#log = log;
    this.#options = options;
  }

  /** Delivers as soon as it is this one's turn. */
  take(delivery: Delivery): void {
    this.#ready.push(delivery);
    this.#fill();
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#waiting) clearTimeout(timer);
    await Promise.all(this.#underWay);
  }

  #fill(): void {
    while (this.#underWay.size < concurrency && !this.#closing.signal.aborted) {
      const delivery = this.#ready.shift();
      if (delivery === undefined) return;
      const work = this.#attempt(delivery).finally(() => {
        this.#underWay.delete(work);
        this.#fill();
      });
      this.#underWay.add(work);
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const outcome = await this.#post(delivery).catch((error: unknown) => error);
    if (this.#closing.signal.aborted) return;
    const status = typeof outcome === 'number' ? outcome : undefined;
    const isDone = status !== undefined && isDelivered(status);
    const attempts = delivery.attempts + 1;
    const waitMs = isDone ? undefined : nextWaitMs(attempts, status, Date.now() - delivery.publishedMs);
    const end = isDone || waitMs !== undefined ? '' : '; given up';
    this.#options.log?.(`${delivery.event.subject}, attempt ${attempts}: ${describe(outcome)}${end}`);
    if (waitMs === undefined) this.#log.remove(delivery);
    else this.#wait(this.#log.attempted(delivery), waitMs * (this.#options.timeScale ?? 1));
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

  /**
   * Posts the event and gives the status of the answer. Source: "Event Grid event delivery", headers as the service sends them.
   * A fault `before` keeps the event from the webhook; one `after` loses the answer, so the event comes again.
   */
  async #post({ event, attempts }: Delivery): Promise<number> {
    const { name, webhookUrl } = this.subscription;
    const operation = `DELIVER ${name} ${event.subject}`;
    const { faults } = this.#options;
    const { signal } = this.#closing;
    const kept = await meet(await faults?.reach('event-grid', operation, 'before'), signal);
    if (kept !== undefined) return kept;
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'aeg-event-type': 'Notification',
        'aeg-subscription-name': name.toUpperCase(),
        'aeg-delivery-count': String(attempts),
        'aeg-data-version': event.dataVersion,
        'aeg-metadata-version': event.metadataVersion,
      },
      body: JSON.stringify([event]),
      // The service follows no redirect.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    });
    await response.body?.cancel();
    return (await meet(await faults?.reach('event-grid', operation, 'after'), signal)) ?? response.status;
  }
}

/** Carries out a fault: the status it answers instead of the webhook, if any. @throws Error for a connection that is cut */
async function meet(action: FaultAction | undefined, signal: AbortSignal): Promise<number | undefined> {
  if (action?.kind === 'delay') await sleep(action.ms, undefined, { signal });
  if (action?.kind === 'reset') throw new Error('the connection was cut by a fault');
  return action?.kind === 'status' ? action.status : undefined;
}

function describe(outcome: unknown): string {
  if (!(outcome instanceof Error)) return String(outcome);
  return outcome.cause instanceof Error ? `${outcome.message}: ${outcome.cause.message}` : outcome.message;
}
