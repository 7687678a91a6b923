/**
 * The certificates of the local cloud: a certificate authority of its own, and one server certificate for this machine.
 * Clients trust it through `NODE_EXTRA_CA_CERTS` (or their own setting); nothing is installed in the system.
 */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeCertificate } from './x509.ts';

/** What a server needs to prove itself, and what its clients need to believe it. */
export interface LocalCertificates {
  /** Path of the authority's certificate (PEM), for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  /** The server's private key, and its certificate with the authority's behind it, PEM. */
  readonly key: string;
  readonly cert: string;
}

const AUTHORITY = 'YouFlix local cloud';
const VALID_DAYS = 3650;
/** A certificate with less left than this is made anew. */
const RENEW_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * The certificates kept in `folder`: made the first time, reused after. The server's key is readable by its owner only. The
 * authority's key is not kept at all, so that nothing else can ever be signed with what a developer's machine trusts.
 */
export async function localCertificates(folder: string): Promise<LocalCertificates> {
  const files: Files = {
    ca: path.join(folder, 'ca.crt'),
    key: path.join(folder, 'server.key'),
    cert: path.join(folder, 'server.crt'),
  };
  const { key, cert } = (await keptCertificates(files)) ?? (await makeCertificates(files));
  return { caFile: files.ca, key, cert };
}

interface Files {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

type ServerCertificate = Pick<LocalCertificates, 'key' | 'cert'>;

async function keptCertificates(files: Files): Promise<ServerCertificate | undefined> {
  try {
    const ca = new X509Certificate(await readFile(files.ca));
    const [key, cert] = [await readFile(files.key, 'utf8'), await readFile(files.cert, 'utf8')];
    const server = new X509Certificate(cert);
    const isFresh = Date.parse(server.validTo) - Date.now() > RENEW_DAYS * DAY_MS;
    return isFresh && server.verify(ca.publicKey) ? { key, cert } : undefined;
  } catch {
    // Missing or unreadable: making them anew cures both.
    return undefined;
  }
}

async function makeCertificates(files: Files): Promise<ServerCertificate> {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const common = {
    issuer: AUTHORITY,
    signingKey: authority.privateKey,
    // A day back, for clocks that are behind.
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
  };
  const ca = makeCertificate({
    ...common,
    subject: AUTHORITY,
    publicKey: authority.publicKey,
    use: { kind: 'authority' },
  });
  const own = makeCertificate({
    ...common,
    subject: 'localhost',
    publicKey: server.publicKey,
    use: { kind: 'server', hosts: ['localhost'], addresses: ['127.0.0.1'] },
  });
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cert = own + ca;
  await mkdir(path.dirname(files.ca), { recursive: true });
  await keep(files.key, key, 0o600);
  await keep(files.cert, cert, 0o644);
  // The authority last: after a crash before it, the others do not verify and are made again.
  await keep(files.ca, ca, 0o644);
  return { key, cert };
}

/** Whole or not at all: a process killed here leaves no half of a key. */
async function keep(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, text, { mode });
  await rename(draft, file);
}
