/** One gate for all calls of a process to a service that allows so many requests in any second. */

const windowMs = 1000;

export interface GateEffects {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface RateGate {
  /** Makes a request as soon as the limit allows it, in the order of asking. */
  pass<T>(request: () => Promise<T>): Promise<T>;
  /** Lets nobody through for so long: what a 429 asks for. */
  holdOff(ms: number): void;
}

const realEffects: GateEffects = {
  now: () => performance.now(),
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
};

/**
 * Requests go one by one, evenly spaced, and of those that are under way or were answered within the last second there are never
 * more than `perSecond` (1 or more). The service counted a request at some moment before it answered it, so however long the ways
 * there and back take, it cannot have counted more within any second: in steady state there is no 429. The price is one latency
 * per second. Only a request that we gave up may still be counted later.
 */
export function rateGate(perSecond: number, effects: Partial<GateEffects> = {}): RateGate {
  const { now, sleep } = { ...realEffects, ...effects };
  /** When the latest answers came, oldest first. */
  const answers: number[] = [];
  let underWay = 0;
  let nextAt = 0;
  let heldUntil = 0;
  let answered = Promise.withResolvers<void>();
  let lastInLine: Promise<void> = Promise.resolve();

  async function admission(askedAt: number): Promise<void> {
    for (;;) {
      const time = now();
      while (answers[0] !== undefined && answers[0] <= time - windowMs) answers.shift();
      const isFull = underWay + answers.length >= perSecond;
      if (isFull && answers[0] === undefined) {
        await answered.promise;
        continue;
      }
      const windowOpensAt = isFull && answers[0] !== undefined ? answers[0] + windowMs : 0;
      const opensAt = Math.max(nextAt, heldUntil, windowOpensAt);
      if (opensAt > time) {
        await sleep(Math.ceil(opensAt - time));
        continue;
      }
      // Counted from when it was due, not from now: a timer that fires late does not slow down the whole line.
      nextAt = Math.max(askedAt, opensAt) + windowMs / perSecond;
      underWay += 1;
      return;
    }
  }

  return {
    async pass(request) {
      const askedAt = now();
      lastInLine = lastInLine.then(() => admission(askedAt));
      await lastInLine;
      try {
        return await request();
      } finally {
        underWay -= 1;
        answers.push(now());
        answered.resolve();
        answered = Promise.withResolvers<void>();
      }
    },
    holdOff(ms) {
      heldUntil = Math.max(heldUntil, now() + ms);
    },
  };
}
