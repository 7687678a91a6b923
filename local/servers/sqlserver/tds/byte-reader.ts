import { ProtocolError, TruncatedError } from './protocol-error.ts';

/**
 * Reads little-endian TDS values from a buffer, front to back. A read past the end throws `TruncatedError` and moves nothing.
 * Text is UCS-2, as everywhere in TDS 7 (MS-TDS 2.2.5.2.3).
 */
export class ByteReader {
  readonly bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.#advance(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.#advance(8));
  }

  /** A view of the next `count` bytes, not a copy. */
  take(count: number): Buffer {
    const start = this.#advance(count);
    return this.bytes.subarray(start, start + count);
  }

  /** Text of `characters` UTF-16 units. */
  ucs2(characters: number): string {
    return this.take(characters * 2).toString('utf16le');
  }

  /** B_VARCHAR: text after its length in one byte. */
  shortText(): string {
    return this.ucs2(this.u8());
  }

  /** US_VARCHAR: text after its length in two bytes. */
  longText(): string {
    return this.ucs2(this.u16());
  }

  /** @throws ProtocolError when bytes are left over, which means that sender and reader disagree on the layout */
  end(what: string): void {
    if (this.remaining > 0) throw new ProtocolError(`${what} has ${this.remaining} bytes more than it should`);
  }

  #advance(count: number): number {
    const start = this.offset;
    if (count > this.remaining) throw new TruncatedError(count, start, this.remaining);
    this.offset = start + count;
    return start;
  }
}
