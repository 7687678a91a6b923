/**
 * A stream of bytes that is read by pieces, remembers how far it is, and takes back what was too much.
 * Holds the stream open until it is closed.
 */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #returned: Uint8Array[] = [];
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes, as many as there happen to be; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const chunk = this.#returned.pop() ?? (await this.#nextChunk());
    this.#position += chunk?.length ?? 0;
    return chunk;
  }

  /** Exactly so many bytes, fewer only at the end. For the few bytes of a header: they are copied. */
  async take(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const chunk = await this.next();
      if (chunk === undefined) break;
      parts.push(chunk.subarray(0, missing));
      if (chunk.length > missing) this.giveBack(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.length);
    }
    return Buffer.concat(parts);
  }

  /** Puts back the end of what was taken last. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#returned.push(bytes);
    this.#position -= bytes.length;
  }

  async isAtEnd(): Promise<boolean> {
    const chunk = await this.next();
    if (chunk !== undefined) this.giveBack(chunk);
    return chunk === undefined;
  }

  /** Everything that is left. */
  async *rest(): AsyncIterable<Uint8Array> {
    for (let chunk = await this.next(); chunk !== undefined; chunk = await this.next()) yield chunk;
  }

  /** Lets go of the stream, read to its end or not. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #nextChunk(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      if (value.length > 0) return value;
    }
  }
}
