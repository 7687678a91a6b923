import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ByteWriter } from './byte-writer.ts';
import { CutError } from './fault-actions.ts';
import { framePackets, HEADER_BYTES, PacketType } from './packets.ts';

/** Tokens gathered before packets are cut: few system calls, and an answer that is known whole before any of it is sent. */
const FLUSH_BYTES = 64 * 1024;

/** The client closed the connection while the server was answering. */
export class ClientGoneError extends Error {
  constructor() {
    super('the client closed the connection before the answer was complete');
    this.name = 'ClientGoneError';
  }
}

/** Writes the server's messages: tokens go into `body`, full packets leave when enough has gathered. */
export class MessageWriter {
  readonly body = new ByteWriter(2 * FLUSH_BYTES);
  /** Of the session, in every packet header; 0 before login. */
  spid = 0;
  packetBytes = 4096;
  #stream: Duplex;
  #packetId = 1;
  #bytesLeft = Number.POSITIVE_INFINITY;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  get isFull(): boolean {
    return this.body.length >= FLUSH_BYTES;
  }

  /** Sends the full packets gathered so far, once they are worth it, and waits while the client does not read. */
  async flushIfFull(): Promise<void> {
    if (this.isFull) await this.flush();
  }

  /** Sends the full packets gathered so far. @throws ClientGoneError */
  async flush(): Promise<void> {
    const room = this.packetBytes - HEADER_BYTES;
    const whole = this.body.length - (this.body.length % room);
    await this.#send(whole, PacketType.reply, false);
  }

  /** Sends everything gathered so far, the last packet as short as it is; the message stays open. @throws ClientGoneError */
  async flushAll(): Promise<void> {
    await this.flush();
    if (this.body.length > 0) await this.#send(this.body.length, PacketType.reply, false);
  }

  /** Ends the message. @throws ClientGoneError */
  async end(type: number = PacketType.reply): Promise<void> {
    await this.#send(this.body.length, type, true);
    this.#packetId = 1;
  }

  /** Goes on over another stream: into TLS, or back out of it after an encrypted login. */
  moveTo(stream: Duplex): void {
    this.#stream = stream;
  }

  /** Ends the stream, once what was written has left. */
  async close(): Promise<void> {
    this.#stream.end();
    // A client that left before is as good as one that read it all.
    await finished(this.#stream, { readable: false }).catch(() => undefined);
  }

  /** A fault: the connection ends when this many more bytes have left. */
  cutAfterBytes(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  async #send(payloadBytes: number, type: number, last: boolean): Promise<void> {
    const { body, packetBytes, spid } = this;
    const payload = body.bytes.subarray(0, payloadBytes);
    const packets = framePackets(payload, { type, packetBytes, spid, firstId: this.#packetId, last });
    this.#packetId += Math.ceil(payloadBytes / (packetBytes - HEADER_BYTES));
    body.drop(payloadBytes);
    const stream = this.#stream;
    if (stream.destroyed) throw new ClientGoneError();
    const cut = packets.length > this.#bytesLeft;
    const passing = cut ? packets.subarray(0, this.#bytesLeft) : packets;
    this.#bytesLeft -= passing.length;
    if (passing.length > 0 && !stream.write(passing)) await drained(stream);
    if (cut) throw new CutError('after data');
  }
}

async function drained(stream: Duplex): Promise<void> {
  const settled = new AbortController();
  try {
    await Promise.race([once(stream, 'drain', settled), once(stream, 'close', settled)]);
  } catch {
    // An error of the socket: its 'close' follows, and to the request both mean the same.
    stream.destroy();
  } finally {
    settled.abort();
  }
  if (stream.destroyed) throw new ClientGoneError();
}
