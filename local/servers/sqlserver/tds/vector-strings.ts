import { copyMemory, isValid, type VectorMemory } from './vector-memory.ts';

const HEADER_BYTES = 16;
/** Up to this length a string lies in its header; longer ones at the address that stands there. */
const INLINE_BYTES = 12;
/**
 * Strings closer than this are fetched together with what lies between them. Less than a page apart, both ends lie in the same
 * or in neighbouring pages, so everything between is mapped memory.
 */
const GAP_BYTES = 4096;

/**
 * The strings (or blobs) of a vector as places in byte arrays. Fetching each long string by itself costs a native call of more
 * than a microsecond; here neighbours come in one span, which cuts the calls by a factor of hundreds.
 */
export class VectorStrings {
  readonly #memory: VectorMemory;
  /** Per loaded row: where its bytes are. Rows that are NULL have no source. */
  readonly source: (Uint8Array | undefined)[];
  readonly start: Uint32Array;

  constructor(memory: VectorMemory, rowCount: number) {
    this.#memory = memory;
    this.source = new Array(rowCount);
    this.start = new Uint32Array(rowCount);
  }

  /** Bytes of a row's string, without fetching it. 0 for NULL. */
  byteLength(row: number): number {
    return isValid(this.#memory, row) ? this.#memory.view.getUint32(row * HEADER_BYTES, true) : 0;
  }

  /** Fetches the strings of rows `from` to `to` (exclusive). */
  load(from: number, to: number): void {
    const { bytes, view } = this.#memory;
    const long: number[] = [];
    for (let row = from; row < to; row += 1) {
      if (!isValid(this.#memory, row)) {
        this.source[row] = undefined;
      } else if (view.getUint32(row * HEADER_BYTES, true) <= INLINE_BYTES) {
        this.source[row] = bytes;
        this.start[row] = row * HEADER_BYTES + 4;
      } else {
        long.push(row);
      }
    }
    this.#loadSpans(long);
  }

  #loadSpans(rows: number[]): void {
    const address = (row: number) => Number(this.#memory.view.getBigUint64(row * HEADER_BYTES + 8, true));
    const places = rows.map(row => ({ row, address: address(row), end: address(row) + this.byteLength(row) }));
    if (!isSorted(places)) places.sort((a, b) => a.address - b.address);
    for (let first = 0; first < places.length; ) {
      const spanStart = places[first]?.address ?? 0;
      let spanEnd = spanStart;
      let next = first;
      for (let place = places[next]; place !== undefined; place = places[next]) {
        if (next > first && place.address - spanEnd >= GAP_BYTES) break;
        spanEnd = Math.max(spanEnd, place.end);
        next += 1;
      }
      const span = copyMemory(spanStart, spanEnd - spanStart);
      for (const place of places.slice(first, next)) {
        this.source[place.row] = span;
        this.start[place.row] = place.address - spanStart;
      }
      first = next;
    }
  }
}

function isSorted(places: readonly { address: number }[]): boolean {
  return places.every((place, index) => index === 0 || place.address >= (places[index - 1]?.address ?? 0));
}
