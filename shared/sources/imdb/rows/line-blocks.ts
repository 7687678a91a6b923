/** A stream of bytes cut where lines end, whatever the size of its chunks and of its lines. */

/** Whole lines, each with its LF; the last line of a stream that does not end in one is given one, and is not `ended`. */
export interface Lines {
  readonly kind: 'lines';
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** A part of a line that is too long, without its LF. The first one is number 1. */
export interface LinePiece {
  readonly kind: 'piece';
  readonly bytes: Uint8Array;
  readonly number: number;
}

export type LineBlock = Lines | LinePiece;

/**
 * Finds the LFs that end lines in the next bytes of a stream: the first and the last, -1 where there is none. It may remember what came
 * before; an LF inside quotes, say, ends nothing.
 */
export type LineEnds = (bytes: Uint8Array) => { readonly first: number; readonly last: number };

const lineFeed = 0x0a;

/** Small enough to stay in the processor's cache from one pass over a block to the next. */
const blockBytes = 256 * 1024;

/**
 * Cuts a stream into blocks of lines. A line of more than `maxLineBytes`, its LF not counted, comes in pieces of that size, the last
 * one shorter. Where the chunks were cut makes no difference to lines and pieces, and memory is bounded by `maxLineBytes`.
 * A block is good until the next one is asked for; the chunks may be views that their maker reuses.
 */
export async function* lineBlocks(
  chunks: AsyncIterable<Uint8Array>,
  lineEnds: LineEnds,
  maxLineBytes: number,
): AsyncGenerator<LineBlock, void, undefined> {
  const begun = new BegunLine(maxLineBytes);
  const stepBytes = Math.min(blockBytes, maxLineBytes);
  for await (const chunk of chunks) {
    // No step is longer than a line may be, so only the line that was begun before it can become too long.
    for (let start = 0; start < chunk.length; start += stepBytes) {
      const step = chunk.subarray(start, start + stepBytes);
      const { first, last } = lineEnds(step);
      let linesStart = 0;
      if (begun.isBegun) {
        yield* begun.add(first === -1 ? step : step.subarray(0, first));
        if (first === -1) continue;
        yield begun.end(true);
        linesStart = first + 1;
      }
      if (last >= linesStart) yield { kind: 'lines', bytes: step.subarray(linesStart, last + 1), ended: true };
      yield* begun.add(step.subarray(last + 1));
    }
  }
  if (begun.isBegun) yield begun.end(false);
}

/** The line of which the end has not come yet. */
class BegunLine {
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #filled = 0;
  #pieces = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(maxBytes, blockBytes) + 1);
  }

  get isBegun(): boolean {
    return this.#filled > 0;
  }

  /** Takes at most `maxBytes` more; gives a piece where the line has become too long. */
  *add(part: Uint8Array): Generator<LineBlock, void, undefined> {
    const room = this.#maxBytes - this.#filled;
    this.#append(part.subarray(0, room));
    if (part.length <= room) return;
    yield this.#piece();
    this.#append(part.subarray(room));
  }

  /** The line, or its last piece. */
  end(ended: boolean): LineBlock {
    if (this.#pieces > 0) {
      const last = this.#piece();
      this.#pieces = 0;
      return last;
    }
    const bytes = this.#bytes.subarray(0, this.#filled + 1);
    bytes[this.#filled] = lineFeed;
    this.#filled = 0;
    return { kind: 'lines', bytes, ended };
  }

  #piece(): LineBlock {
    const bytes = this.#bytes.subarray(0, this.#filled);
    this.#filled = 0;
    this.#pieces += 1;
    return { kind: 'piece', bytes, number: this.#pieces };
  }

  #append(part: Uint8Array): void {
    const needed = this.#filled + part.length + 1;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(this.#maxBytes + 1, Math.max(needed, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#filled));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#filled);
    this.#filled += part.length;
  }
}
