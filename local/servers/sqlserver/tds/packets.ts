/** Packets: the frames that carry TDS messages (MS-TDS 2.2.3). A message is one or more packets, the last marked. */
import { ProtocolError } from './protocol-error.ts';

/** What a packet carries (MS-TDS 2.2.3.1.1). */
export const PacketType = {
  batch: 0x01,
  rpc: 0x03,
  reply: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  fedAuthToken: 0x08,
  transactionManager: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

/** Bits of a packet's status (MS-TDS 2.2.3.1.2). */
export const PacketStatus = {
  endOfMessage: 0x01,
  /** The client gave the message up half-way; it must not be carried out. */
  ignore: 0x02,
  resetConnection: 0x08,
  resetConnectionKeepTransaction: 0x10,
} as const;

/** Bytes in front of each packet's payload. */
export const HEADER_BYTES = 8;
/** The smallest packet that SQL Server agrees to. */
export const MIN_PACKET_BYTES = 512;
/** The largest packet that SQL Server agrees to. */
export const MAX_PACKET_BYTES = 32_767;

const CLIENT_TYPES: ReadonlySet<number> = new Set(Object.values(PacketType).filter(type => type !== PacketType.reply));

/** One packet as the client sent it. */
export interface Packet {
  readonly type: number;
  readonly status: number;
  readonly payload: Buffer;
}

/** Finds packets in a byte stream, however it was cut into pieces. */
export class PacketParser {
  #pending: Buffer = Buffer.alloc(0);

  /** The packets that `bytes` completes. @throws ProtocolError on a header that no client sends */
  push(bytes: Buffer): Packet[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const packets: Packet[] = [];
    while (this.#pending.length >= HEADER_BYTES) {
      const length = packetLength(this.#pending);
      if (this.#pending.length < length) break;
      packets.push({
        type: this.#pending.readUInt8(0),
        status: this.#pending.readUInt8(1),
        payload: this.#pending.subarray(HEADER_BYTES, length),
      });
      this.#pending = this.#pending.subarray(length);
    }
    return packets;
  }

  /** Bytes that belong to no packet yet. */
  get rest(): Buffer {
    return this.#pending;
  }
}

function packetLength(bytes: Buffer): number {
  const type = bytes.readUInt8(0);
  if (!CLIENT_TYPES.has(type)) {
    throw new ProtocolError(`packet type 0x${type.toString(16)} is not one a TDS client sends`);
  }
  const length = bytes.readUInt16BE(2);
  if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) {
    throw new ProtocolError(`packet length ${length} is outside ${HEADER_BYTES} to ${MAX_PACKET_BYTES}`);
  }
  return length;
}

/** How a payload is cut into packets. */
export interface Framing {
  readonly type: number;
  /** Bytes of a full packet, header included. */
  readonly packetBytes: number;
  /** Id of the first packet; the following ones count on, modulo 256. */
  readonly firstId: number;
  readonly spid: number;
  /** Whether the payload ends the message. */
  readonly last: boolean;
}

/** Cuts a payload into packets, headers included, in one buffer. An empty last payload still makes one packet. */
export function framePackets(payload: Buffer, framing: Framing): Buffer {
  const room = framing.packetBytes - HEADER_BYTES;
  const count = Math.max(Math.ceil(payload.length / room), framing.last ? 1 : 0);
  const out = Buffer.allocUnsafe(payload.length + count * HEADER_BYTES);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const part = payload.subarray(index * room, (index + 1) * room);
    out[at] = framing.type;
    out[at + 1] = framing.last && index === count - 1 ? PacketStatus.endOfMessage : 0;
    out.writeUInt16BE(part.length + HEADER_BYTES, at + 2);
    out.writeUInt16BE(framing.spid & 0xffff, at + 4);
    out[at + 6] = (framing.firstId + index) & 0xff;
    out[at + 7] = 0;
    out.set(part, at + HEADER_BYTES);
    at += part.length + HEADER_BYTES;
  }
  return out;
}
