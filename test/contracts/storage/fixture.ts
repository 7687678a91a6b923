import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataLakeServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-datalake';
import { type StorageOptions, startStorage } from '../../../local/servers/storage/server.ts';

/** A storage stand-in of its own for one test file, met with the vendor's client. */
export const ACCOUNT = { name: 'youflixlake', key: Buffer.alloc(64, 'k').toString('base64') };
export const credential = new StorageSharedKeyCredential(ACCOUNT.name, ACCOUNT.key);

export interface Storage {
  readonly url: string;
  readonly endpoint: string;
  /** Folder of the account's file systems. */
  readonly root: string;
  readonly service: DataLakeServiceClient;
  close(): Promise<void>;
}

/** Starts a stand-in on a fresh folder, or on `root`, which then stays. */
export async function storage(options: Partial<StorageOptions> = {}): Promise<Storage> {
  const folder = options.root === undefined ? mkdtempSync(join(tmpdir(), 'storage-')) : undefined;
  const root = options.root ?? join(folder ?? '', 'lake');
  const server = await startStorage({ port: 0, accounts: [ACCOUNT], fileSystems: ['bronze'], ...options, root });
  const endpoint = `${server.url}/${ACCOUNT.name}`;
  return {
    url: server.url,
    endpoint,
    root,
    // One try: a test wants to see each answer.
    service: new DataLakeServiceClient(endpoint, credential, { retryOptions: { maxTries: 1 } }),
    async close() {
      await server.close();
      if (folder !== undefined) rmSync(folder, { recursive: true });
    },
  };
}

/** What a call of the SDK failed with. */
export async function failure(call: Promise<unknown>): Promise<{ status: number; code: string; message: string }> {
  try {
    await call;
  } catch (error) {
    const { statusCode, code, details, message } = error as {
      statusCode: number;
      code: string;
      details?: { errorCode?: string };
      message: string;
    };
    return { status: statusCode, code: code ?? details?.errorCode, message };
  }
  throw new Error('the call succeeded');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Sends bytes as they are and reads one answer: no client in between that would tidy up the address. */
export function raw(url: string, head: string, body: Buffer | string = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const chunks: Buffer[] = [];
  const socket = createConnection(Number(port), hostname);
  socket.on('error', reject).on('data', chunk => chunks.push(chunk));
  socket.on('close', () => {
    const text = Buffer.concat(chunks).toString('latin1');
    const [top = '', ...rest] = text.split('\r\n\r\n');
    const [statusLine = '', ...lines] = top.split('\r\n');
    const headers = lines.map(line => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*:\s*/, '')]);
    resolve({
      status: Number(statusLine.split(' ')[1]),
      headers: Object.fromEntries(headers),
      body: rest.join('\r\n\r\n'),
    });
  });
  socket.write(`${head}\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  socket.write(body);
  return promise;
}
