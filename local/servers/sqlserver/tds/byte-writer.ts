/** The most memory kept for content that is gone. */
const SPARE_BYTES = 1 << 20;

/** A buffer that grows, written front to back in little-endian. The counterpart of `ByteReader`. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for `count` bytes and counts them as written; the caller fills them in `bytes` from the returned offset. */
  reserve(count: number): number {
    const start = this.length;
    const needed = start + count;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, start);
      this.bytes = larger;
    }
    this.length = needed;
    return start;
  }

  u8(value: number): this {
    // Reserved first: it may replace `bytes`.
    const at = this.reserve(1);
    this.bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.reserve(2);
    this.bytes.writeUInt16LE(value, at);
    return this;
  }

  u32(value: number): this {
    const at = this.reserve(4);
    this.bytes.writeUInt32LE(value, at);
    return this;
  }

  i32(value: number): this {
    return this.u32(value >>> 0);
  }

  u64(value: bigint): this {
    const at = this.reserve(8);
    this.bytes.writeBigUInt64LE(value, at);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
    return this;
  }

  ucs2(text: string): this {
    const at = this.reserve(text.length * 2);
    this.bytes.write(text, at, 'utf16le');
    return this;
  }

  /** B_VARCHAR: text after its length in one byte; cut at 255 characters, the most it can hold. */
  shortText(text: string): this {
    const fitting = text.slice(0, 255);
    return this.u8(fitting.length).ucs2(fitting);
  }

  /** US_VARCHAR: text after its length in two bytes; cut at 4,000 characters, the most a SQL Server message holds. */
  longText(text: string): this {
    const fitting = text.slice(0, 4000);
    return this.u16(fitting.length).ucs2(fitting);
  }

  /** What was written so far: a view, valid until the next write. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Forgets the first `count` bytes, and the memory of an unusually large content. */
  drop(count: number): void {
    const rest = this.bytes.subarray(count, this.length);
    if (this.bytes.length > SPARE_BYTES && rest.length < SPARE_BYTES) {
      this.bytes = Buffer.concat([rest], SPARE_BYTES);
    } else {
      this.bytes.copyWithin(0, count, this.length);
    }
    this.length = rest.length;
  }

  /** Writes the tail of `build` behind its own length in two bytes, the frame of most tokens. */
  sized16(build: (body: this) => void): this {
    const at = this.reserve(2);
    build(this);
    this.bytes.writeUInt16LE(this.length - at - 2, at);
    return this;
  }
}
