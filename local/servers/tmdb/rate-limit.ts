/**
 * A limit on what each client may ask within any second, as the service has one: "somewhere in the 40 requests per second range"
 * (developer.themoviedb.org/docs/rate-limiting). What is refused does not count.
 */
export class RateLimit {
  /** Infinity for no limit. */
  readonly perSecond: number;
  /** When the latest admitted requests of each client came, oldest first. */
  readonly #admitted = new Map<string, number[]>();

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /**
   * @param now milliseconds of a clock that never goes back
   * @returns 0 for a request that is admitted, else the whole seconds after which one would be
   */
  admit(client: string, now: number): number {
    const recent = (this.#admitted.get(client) ?? []).filter(at => now - at < secondMs);
    this.#admitted.set(client, recent);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= this.perSecond) return Math.ceil((oldest + secondMs - now) / secondMs);
    recent.push(now);
    return 0;
  }
}

const secondMs = 1_000;
