/** LOGIN7: who the client is and what it wants (MS-TDS 2.2.6.4). */
import { ByteReader } from './byte-reader.ts';
import { ProtocolError } from './protocol-error.ts';

/** Versions as LOGIN7 names them: 7.2 (SQL Server 2005), 7.3 (2008), 7.4 (2012 and later). */
export const TdsVersion = { v72: 0x72090002, v73a: 0x730a0003, v74: 0x74000004 } as const;

/** How the client proves who it is: a password, an Entra token sent at once, or one that it fetches when told where. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'token-later' }
  | { readonly kind: 'windows' };

/** What LOGIN7 says, as far as this server acts on it. */
export interface Login {
  readonly tdsVersion: number;
  /** What the client asked for; 0 leaves it to the server. */
  readonly packetBytes: number;
  readonly database: string;
  readonly credentials: Credentials;
  /** The client understands UTF-8 text and wants to hear whether the server does. */
  readonly asksUtf8: boolean;
}

const Feature = { fedAuth: 0x02, utf8: 0x0a, end: 0xff } as const;
const Library = { securityToken: 1, activeDirectory: 2 } as const;
const FLAGS2_INTEGRATED_SECURITY = 0x80;
const FLAGS3_EXTENSION = 0x10;

/** @throws ProtocolError */
export function readLogin(body: Buffer): Login {
  const reader = new ByteReader(body);
  const length = reader.u32();
  if (length > body.length) throw new ProtocolError(`a login of ${length} bytes in a message of ${body.length}`);
  const tdsVersion = reader.u32();
  const packetBytes = reader.u32();
  const [flags2, flags3] = [body.readUInt8(25), body.readUInt8(27)];
  const extension = (flags3 & FLAGS3_EXTENSION) !== 0 ? readExtension(body) : { asksUtf8: false, fedAuth: undefined };
  const password = unscramble(field(body, 44)).toString('utf16le');
  const windows: Credentials | undefined =
    (flags2 & FLAGS2_INTEGRATED_SECURITY) !== 0 ? { kind: 'windows' } : undefined;
  return {
    tdsVersion,
    packetBytes,
    database: text(body, 68),
    credentials: extension.fedAuth ?? windows ?? { kind: 'password', user: text(body, 40), password },
    asksUtf8: extension.asksUtf8,
  };
}

/** A variable field: its offset and its length in characters stand at `at` in the fixed part. */
function field(body: Buffer, at: number): Buffer {
  const reader = new ByteReader(body);
  reader.take(at);
  const [offset, characters] = [reader.u16(), reader.u16()];
  const whole = new ByteReader(body);
  whole.take(offset);
  return whole.take(characters * 2);
}

function text(body: Buffer, at: number): string {
  return field(body, at).toString('utf16le');
}

/** Each byte had its halves swapped and was then combined with 0xA5: a disguise, not a cipher. */
function unscramble(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.map(byte => {
      const plain = byte ^ 0xa5;
      return ((plain << 4) | (plain >> 4)) & 0xff;
    }),
  );
}

function readExtension(body: Buffer): { asksUtf8: boolean; fedAuth: Credentials | undefined } {
  const reader = new ByteReader(body);
  reader.take(56);
  const pointer = new ByteReader(body);
  pointer.take(reader.u16());
  const features = new ByteReader(body);
  features.take(pointer.u32());
  let asksUtf8 = false;
  let fedAuth: Credentials | undefined;
  for (;;) {
    const id = features.u8();
    if (id === Feature.end) return { asksUtf8, fedAuth };
    const data = features.take(features.u32());
    if (id === Feature.utf8) asksUtf8 = true;
    if (id === Feature.fedAuth) fedAuth = readFedAuth(data);
  }
}

function readFedAuth(data: Buffer): Credentials {
  const reader = new ByteReader(data);
  // The lowest bit echoes the prelogin's; the others name the library.
  const library = reader.u8() >> 1;
  if (library === Library.activeDirectory) return { kind: 'token-later' };
  if (library !== Library.securityToken) throw new ProtocolError(`unknown federated login library ${library}`);
  return { kind: 'token', token: reader.take(reader.u32()).toString('utf16le') };
}

/** The token of a FEDAUTH message, which answers FEDAUTHINFO (MS-TDS 2.2.6.3). */
export function readFedAuthToken(body: Buffer): string {
  const reader = new ByteReader(body);
  reader.u32();
  return reader.take(reader.u32()).toString('utf16le');
}

/**
 * The user that an Entra token names. The token is taken at its word: its signature is not checked, since no tenant stands
 * behind a local server.
 */
export function tokenUser(token: string): string {
  const claims = tokenClaims(token);
  for (const claim of ['upn', 'preferred_username', 'unique_name', 'appid', 'oid', 'sub']) {
    const value = claims[claim];
    if (typeof value === 'string' && value !== '') return value;
  }
  return 'entra-user';
}

function tokenClaims(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
