import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { framePackets, HEADER_BYTES, MAX_PACKET_BYTES, PacketType } from './packets.ts';
import { ProtocolError } from './protocol-error.ts';

/** A certificate with its key, both PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * The bottom of TLS inside TDS (MS-TDS 2.2.6.5): handshake flights travel in PRELOGIN packets, everything after as plain TLS
 * records. The client's first byte that opens no such packet marks the change, for both directions.
 */
export class TlsChannel extends Duplex {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #shaking = true;
  #released = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
  }

  /** Leaves the socket to the caller, who goes on in clear text, and says nothing more over it. */
  release(): void {
    this.#released = true;
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onClose);
    if (this.#pending.length > 0) this.#socket.unshift(this.#pending);
  }

  override _read(): void {
    if (!this.#released) this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#released || this.#socket.destroyed) done();
    // One flight must be one message: the client reads a message per flight.
    else this.#socket.write(this.#shaking ? flight(bytes) : bytes, done);
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    try {
      while (this.#shaking && this.#takeFlight()) {}
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    if (this.#shaking || this.#pending.length === 0) return;
    const records = this.#pending;
    this.#pending = Buffer.alloc(0);
    if (!this.push(records)) this.#socket.pause();
  };

  /** Hands on one packet of the handshake; false when there is none, or none any more. */
  #takeFlight(): boolean {
    if (this.#pending.length === 0) return false;
    if (this.#pending[0] !== PacketType.prelogin) {
      this.#shaking = false;
      return false;
    }
    if (this.#pending.length < HEADER_BYTES) return false;
    const length = this.#pending.readUInt16BE(2);
    if (length < HEADER_BYTES || length > MAX_PACKET_BYTES)
      throw new ProtocolError(`handshake packet of ${length} bytes`);
    if (this.#pending.length < length) return false;
    this.push(this.#pending.subarray(HEADER_BYTES, length));
    this.#pending = this.#pending.subarray(length);
    return true;
  }

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    this.destroy();
  };
}

function flight(bytes: Buffer): Buffer {
  return framePackets(bytes, { type: PacketType.prelogin, packetBytes: 4096, firstId: 1, spid: 0, last: true });
}

/** TLS over a TDS channel. Held at 1.2, because 1.3 sends tickets when the wrapping is already over. */
export async function secureInsideTds(channel: TlsChannel, certificate: ServerCertificate): Promise<TLSSocket> {
  const secureContext = createSecureContext({ ...certificate, maxVersion: 'TLSv1.2' });
  return await handshake(new TLSSocket(channel, { isServer: true, secureContext }));
}

/** TDS 8.0: TLS first, TDS inside (`encrypt: 'strict'`). */
export async function secureOutside(socket: Socket, certificate: ServerCertificate): Promise<TLSSocket> {
  const secureContext = createSecureContext(certificate);
  return await handshake(new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['tds/8.0'] }));
}

async function handshake(tls: TLSSocket): Promise<TLSSocket> {
  const settled = new AbortController();
  const closed = once(tls, 'close', settled).then(() => {
    throw new ProtocolError('the connection ended during the TLS handshake');
  });
  try {
    await Promise.race([once(tls, 'secure', settled), closed]);
  } catch (error) {
    throw error instanceof ProtocolError
      ? error
      : new ProtocolError(`TLS handshake failed: ${(error as Error).message}`);
  } finally {
    settled.abort();
    closed.catch(() => undefined);
  }
  return tls;
}
