/** Where the records of a CSV end: RFC 4180, in bytes. */

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;

/**
 * Finds the LFs outside quotes. A quote opens only where a field begins; one inside an unquoted field, or text after a closing quote,
 * is against the RFC but ends with its record, so that the next one is found.
 */
export class RecordEnds {
  #state: 'field start' | 'unquoted' | 'quoted' | 'quote in quotes' = 'field start';

  /** The next LF that ends a record, from `start` on, or -1; then the next bytes go on where these ended. */
  next(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (this.#state === 'quoted') {
        if (byte === quote) this.#state = 'quote in quotes';
      } else if (byte === lineFeed) {
        this.#state = 'field start';
        return at;
      } else if (byte === comma) this.#state = 'field start';
      else if (byte === quote && this.#state !== 'unquoted') this.#state = 'quoted';
      else this.#state = 'unquoted';
    }
    return -1;
  }
}
