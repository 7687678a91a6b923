import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Invitation, shakeHands } from './handshake.ts';
import type { WebhookClient } from './webhook-client.ts';

interface AskOptions {
  readonly timeScale: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How long until a webhook is asked again that refused, or that left it to someone else to agree. */
const askAgainMs = { refused: 10_000, later: 600_000 };

/** Whether a webhook wants the events of its subscription: it says so itself, or someone in its place who knows the id. */
export class Consent {
  readonly id = randomUUID();
  readonly #given = Promise.withResolvers<void>();
  #isGiven = false;

  give(): void {
    this.#isGiven = true;
    this.#given.resolve();
  }

  /** Asks until the consent is given, or until `signal` says that nobody waits for it any more. */
  async ask(client: WebhookClient, invitation: Invitation, { timeScale, say, signal }: AskOptions): Promise<void> {
    while (!this.#isGiven && !signal.aborted) {
      const reply = await shakeHands(client, invitation);
      if (signal.aborted) return;
      say(`${invitation.subscription}, handshake: ${reply.kind}${'reason' in reply ? `: ${reply.reason}` : ''}`);
      if (reply.kind === 'agreed') return this.give();
      const wait = sleep(askAgainMs[reply.kind] * timeScale, undefined, { signal, ref: false }).catch(() => undefined);
      await Promise.race([wait, this.#given.promise]);
    }
  }
}
