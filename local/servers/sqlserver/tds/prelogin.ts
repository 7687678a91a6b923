/** PRELOGIN: the first exchange, where client and server agree on encryption (MS-TDS 2.2.6.5). */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { ProtocolError } from './protocol-error.ts';
import { SERVER_VERSION } from './tokens.ts';

/** `login` encrypts the login alone, as old clients ask; `full` everything from then on. */
export type Encryption = 'none' | 'login' | 'full';

const Option = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, fedAuthRequired: 6, end: 0xff } as const;
const Wish = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

/** What the client wants to agree on. */
export interface Prelogin {
  readonly encryption: number;
  readonly asksFedAuth: boolean;
}

/** @throws ProtocolError */
export function readPrelogin(body: Buffer): Prelogin {
  const reader = new ByteReader(body);
  let encryption: number = Wish.notSupported;
  let asksFedAuth = false;
  for (;;) {
    const option = reader.u8();
    if (option === Option.end) return { encryption, asksFedAuth };
    const [offset, length] = [reader.take(2).readUInt16BE(), reader.take(2).readUInt16BE()];
    if (offset + length > body.length) throw new ProtocolError(`prelogin option ${option} lies outside its message`);
    if (option === Option.encryption && length > 0) encryption = body.readUInt8(offset);
    if (option === Option.fedAuthRequired) asksFedAuth = true;
  }
}

/** What comes of the client's wish: encryption as far as it wants any, none where the server has no certificate. */
export function agreeEncryption(wish: number, hasCertificate: boolean): Encryption {
  if (!hasCertificate || wish === Wish.notSupported) return 'none';
  return wish === Wish.off ? 'login' : 'full';
}

/** The body of the server's answer. */
export function preloginReply(encryption: Encryption, asksFedAuth: boolean): Buffer {
  const options: readonly (readonly [number, Buffer])[] = [
    [Option.version, Buffer.concat([SERVER_VERSION, Buffer.alloc(2)])],
    [Option.encryption, Buffer.of({ none: Wish.notSupported, login: Wish.off, full: Wish.on }[encryption])],
    [Option.instance, Buffer.of(0)],
    [Option.thread, Buffer.alloc(0)],
    [Option.mars, Buffer.of(0)],
    ...(asksFedAuth ? [[Option.fedAuthRequired, Buffer.of(1)] as const] : []),
  ];
  const writer = new ByteWriter();
  let offset = options.length * 5 + 1;
  for (const [option, data] of options) {
    const place = Buffer.alloc(4);
    place.writeUInt16BE(offset);
    place.writeUInt16BE(data.length, 2);
    writer.u8(option).raw(place);
    offset += data.length;
  }
  writer.u8(Option.end);
  for (const [, data] of options) writer.raw(data);
  return writer.written();
}
