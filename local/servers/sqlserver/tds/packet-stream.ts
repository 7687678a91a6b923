import type { Duplex } from 'node:stream';
import { type Packet, PacketParser, PacketStatus, PacketType } from './packets.ts';
import { ProtocolError } from './protocol-error.ts';

/** Packets held while nobody asks for them; beyond this the sender has to wait. */
const QUEUE_BYTES = 1 << 20;

/** A message in one piece. */
export interface Message {
  readonly type: number;
  /** The status bits of its first packet, where the reset flags stand. */
  readonly status: number;
  /** The client gave it up: answer with an empty DONE and do nothing. */
  readonly ignored: boolean;
  readonly body: Buffer;
}

/**
 * The client's packets, pulled one by one from a socket or a TLS channel. An attention (cancel) that arrives while a request
 * runs is handed over at once, past the queue.
 */
export class PacketStream {
  readonly #stream: Duplex;
  readonly #parser = new PacketParser();
  readonly #queue: Packet[] = [];
  #queuedBytes = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #onInterrupt: ((reason: 'attention' | 'gone') => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.on('error', this.#onEnd);
  }

  /** The next packet; undefined when the client is gone. @throws ProtocolError when it does not speak TDS */
  async next(): Promise<Packet | undefined> {
    for (;;) {
      const packet = this.#queue.shift();
      if (packet !== undefined) {
        this.#queuedBytes -= packet.payload.length;
        if (this.#queuedBytes < QUEUE_BYTES) this.#stream.resume();
        return packet;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * The rest of the message that `first` begins, and the whole in one piece.
   *
   * @throws ProtocolError when it is longer than `maxBytes`, cut off, or mixed with packets of another type
   */
  async collect(first: Packet, maxBytes: number): Promise<Message> {
    const parts = [first.payload];
    let bytes = first.payload.length;
    let packet = first;
    while ((packet.status & PacketStatus.endOfMessage) === 0) {
      packet = await this.following(first);
      parts.push(packet.payload);
      bytes += packet.payload.length;
      if (bytes > maxBytes) throw new ProtocolError(`a message of type ${first.type} is longer than ${maxBytes} bytes`);
    }
    return {
      type: first.type,
      status: first.status,
      ignored: (packet.status & PacketStatus.ignore) !== 0,
      body: parts.length === 1 ? first.payload : Buffer.concat(parts, bytes),
    };
  }

  /** The next packet of the message that `first` began. @throws ProtocolError when there is none */
  async following(first: Packet): Promise<Packet> {
    const packet = await this.next();
    if (packet === undefined) throw new ProtocolError(`the connection ended inside a message of type ${first.type}`);
    if (packet.type !== first.type) {
      throw new ProtocolError(`a packet of type ${packet.type} inside a message of type ${first.type}`);
    }
    return packet;
  }

  /**
   * Calls `interrupt` as soon as the client cancels or goes away, until `release` is called. An attention heard this way is
   * not seen by `next`.
   */
  listen(interrupt: (reason: 'attention' | 'gone') => void): { release: () => void } {
    this.#onInterrupt = interrupt;
    if (this.#queue[0]?.type === PacketType.attention) {
      this.#queue.shift();
      interrupt('attention');
    } else if (this.#ended) {
      interrupt('gone');
    }
    return {
      release: () => {
        this.#onInterrupt = undefined;
      },
    };
  }

  /** Stops reading and gives back the bytes that make no packet yet; the stream is the caller's again. */
  detach(): Buffer {
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onEnd);
    return this.#parser.rest;
  }

  readonly #onData = (bytes: Buffer): void => {
    try {
      for (const packet of this.#parser.push(bytes)) this.#accept(packet);
    } catch (error) {
      this.#failure = error as Error;
      this.#stream.pause();
      this.#onInterrupt?.('gone');
    }
    this.#wakeUp();
  };

  #accept(packet: Packet): void {
    if (packet.type === PacketType.attention && this.#onInterrupt !== undefined) {
      this.#onInterrupt('attention');
      return;
    }
    this.#queue.push(packet);
    this.#queuedBytes += packet.payload.length;
    if (this.#queuedBytes >= QUEUE_BYTES) this.#stream.pause();
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#onInterrupt?.('gone');
    this.#wakeUp();
  };

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
