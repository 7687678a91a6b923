/** Randomness that is the same every time it is asked for. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** @throws RangeError when there is nothing to pick from; so does `weighted` */
  pick<T>(items: readonly T[]): T;
  /** One of the items, each as likely as its weight says. */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T;
  /** A version 4 UUID, upper case as SQL Server prints it. */
  uuid(): string;
}

/**
 * The random numbers of one thing: the same seed, topic and ordinal give the same numbers, whatever was drawn for others. So a row
 * can be made again without those before it. The generator is sfc32 (Chris Doty-Humphrey, PractRand).
 */
export function randomFor(seed: number, topic: string, ordinal: number): Random {
  let a = seed | 0;
  let b = (Math.floor(seed / 2 ** 32) | 0) ^ hash(topic);
  let c = ordinal | 0;
  let counter = 1;

  function word(): number {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  }
  // Neighbouring seeds start alike; a dozen rounds part them.
  for (let round = 0; round < 12; round++) word();

  const next = (): number => word() / 2 ** 32;
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    chance: probability => next() < probability,
    pick: items => existing(items[between(0, items.length - 1)]),
    weighted(items) {
      let left = next() * items.reduce((sum, item) => sum + item.weight, 0);
      for (const item of items) {
        left -= item.weight;
        if (left < 0) return item;
      }
      return existing(items.at(-1));
    },
    uuid() {
      const hex = Array.from({ length: 4 }, () => word().toString(16).padStart(8, '0')).join('');
      const variant = '89AB'[between(0, 3)];
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`.toUpperCase();
    },
  };
}

function existing<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}
