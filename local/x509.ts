/**
 * The few X.509 certificates (RFC 5280) that a local certificate authority needs, in DER (X.690): Node can sign and read
 * certificates but not write them.
 */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What goes into a certificate. */
export interface CertificateRequest {
  /** Common names. An authority signs itself: issuer and subject are the same. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** A key on P-256. */
  readonly publicKey: KeyObject;
  /** The issuer's private key, on P-256. */
  readonly signingKey: KeyObject;
  /** What a server's certificate is good for; an authority's is good for signing others. */
  readonly use:
    | { readonly kind: 'authority' }
    | { readonly kind: 'server'; readonly hosts: readonly string[]; readonly addresses: readonly string[] };
}

const Oid = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAlternativeName: '2.5.29.17',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
} as const;

/** A signed certificate, PEM. */
export function makeCertificate(request: CertificateRequest): string {
  const { subject, issuer, notBefore, notAfter, publicKey, signingKey } = request;
  const algorithm = sequence(oid(Oid.ecdsaWithSha256));
  const body = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(serialNumber()),
    algorithm,
    name(issuer),
    sequence(time(notBefore), time(notAfter)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...keyIdentifiers(publicKey, createPublicKey(signingKey)), ...extensions(request.use))),
  );
  const signature = sign('sha256', body, signingKey);
  return pem(sequence(body, algorithm, bitString(signature)));
}

/** Which key is certified, and which one certifies; strict verifiers insist on both (RFC 5280, 4.2.1.1 and 4.2.1.2). */
function keyIdentifiers(publicKey: KeyObject, issuerKey: KeyObject): Buffer[] {
  return [
    extension(Oid.subjectKeyIdentifier, der(0x04, keyDigest(publicKey)), false),
    extension(Oid.authorityKeyIdentifier, sequence(der(0x80, keyDigest(issuerKey))), false),
  ];
}

function keyDigest(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function extensions(use: CertificateRequest['use']): Buffer[] {
  if (use.kind === 'authority') {
    // No authority below this one (path length 0); it signs certificates and revocation lists (bits 5 and 6).
    return [
      extension(Oid.basicConstraints, sequence(boolean(true), integer(Buffer.of(0))), true),
      extension(Oid.keyUsage, der(0x03, Buffer.of(1, 0b0000_0110)), true),
    ];
  }
  const hosts = use.hosts.map(host => der(0x82, Buffer.from(host, 'ascii')));
  const addresses = use.addresses.map(address => der(0x87, Buffer.from(address.split('.').map(Number))));
  return [
    extension(Oid.basicConstraints, sequence(), true),
    extension(Oid.keyUsage, der(0x03, Buffer.of(7, 0b1000_0000)), true),
    extension(Oid.extendedKeyUsage, sequence(oid(Oid.serverAuthentication)), false),
    extension(Oid.subjectAlternativeName, sequence(...hosts, ...addresses), false),
  ];
}

function extension(id: string, value: Buffer, critical: boolean): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), der(0x04, value));
}

function name(commonName: string): Buffer {
  const attribute = sequence(oid(Oid.commonName), der(0x0c, Buffer.from(commonName, 'utf8')));
  return sequence(der(0x31, attribute));
}

/** GeneralizedTime is for years from 2050 on, UTCTime for those before (RFC 5280, 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() >= 2050
    ? der(0x18, Buffer.from(`${digits}Z`))
    : der(0x17, Buffer.from(`${digits.slice(2)}Z`));
}

/** Unpredictable, positive, and without a leading zero byte. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | digits.length), digits, content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 | number, content);
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.of(value ? 0xff : 0));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.of(0), bytes]));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** Seven bits a byte, highest first; all but the last marked. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
