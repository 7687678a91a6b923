/**
 * Upload into the storage stand-in against the same client sending to a server that throws the bytes away.
 * Measured on two shared cores; client and server share them.
 */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStorage } from '../local/servers/storage/server.ts';
import { type Measurement, median } from './claim.ts';

export const name = 'storage-upload';
export const goal = 'throughput at least 0.55 x that of discarding';

const LEAST_RATIO = 0.55;
const MIB = 1024 * 1024;
const BLOCK = Buffer.alloc(8 * MIB, 'youflix ');
const BLOCKS = 32;
const IN_FLIGHT = 2;
const ROUNDS = 5;
const FILE = '/bench/bronze/upload.csv';
const ACCOUNT = { name: 'bench', key: Buffer.alloc(64, 7).toString('base64') };

/** In MB/s, medians of paired rounds. */
export async function run(): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'storage-upload-'));
  const storage = await startStorage({ port: 0, root: folder, accounts: [ACCOUNT], fileSystems: ['bronze'] });
  const discard = http.createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end());
  });
  await new Promise<void>(resolve => discard.listen(0, '127.0.0.1', resolve));
  const discardUrl = `http://127.0.0.1:${(discard.address() as AddressInfo).port}`;
  const agent = new http.Agent({ keepAlive: true });
  const ours: number[] = [];
  const anchor: number[] = [];
  try {
    // The first round only warms up: code, sockets, and the page cache that the file is written into.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const anchorRate = await upload(agent, discardUrl);
      const rate = await upload(agent, storage.url);
      await send(agent, storage.url, 'DELETE', `${FILE}?recursive=false`);
      if (round === 0) continue;
      anchor.push(anchorRate);
      ours.push(rate);
    }
  } finally {
    agent.destroy();
    discard.close();
    await storage.close();
    rmSync(folder, { recursive: true });
  }
  const ratio = median(ours.map((rate, round) => rate / (anchor[round] ?? Number.NaN)));
  return { ours: median(ours), anchor: median(anchor), ratio, unit: 'MB/s', ok: ratio >= LEAST_RATIO };
}

/** Creates a file, appends the blocks with a few in flight, flushes; the throughput of all that in MB/s. */
async function upload(agent: http.Agent, url: string): Promise<number> {
  const started = performance.now();
  await send(agent, url, 'PUT', `${FILE}?resource=file`);
  let next = 0;
  const sender = async () => {
    while (next < BLOCKS) {
      const position = next * BLOCK.length;
      next += 1;
      await send(agent, url, 'PATCH', `${FILE}?action=append&position=${position}`, BLOCK);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  await send(agent, url, 'PATCH', `${FILE}?action=flush&position=${BLOCKS * BLOCK.length}`);
  return (BLOCKS * BLOCK.length) / 1e6 / ((performance.now() - started) / 1000);
}

function send(agent: http.Agent, url: string, method: string, path: string, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-ms-date': new Date().toUTCString(), 'content-length': body?.length ?? 0 };
    const request = http.request(url + path, {
      agent,
      method,
      headers: { ...headers, authorization: sign(method, path, headers) },
    });
    request.on('error', reject).on('response', response => {
      const { statusCode = 0 } = response;
      response
        .resume()
        .on('end', () => (statusCode < 300 ? resolve() : reject(new Error(`${method} ${path}: ${statusCode}`))));
    });
    request.end(body);
  });
}

/** Shared Key, by hand: the SDK's own cost would hide the server's. */
function sign(method: string, path: string, headers: { 'x-ms-date': string; 'content-length': number }): string {
  const [resource = '', query = ''] = path.split('?');
  const length = headers['content-length'] === 0 ? '' : headers['content-length'];
  const parameters = query
    .split('&')
    .sort()
    .map(pair => `\n${pair.replace('=', ':')}`);
  const text = `${method}\n\n\n${length}${'\n'.repeat(9)}x-ms-date:${headers['x-ms-date']}\n/${ACCOUNT.name}${resource}${parameters.join('')}`;
  const signature = createHmac('sha256', Buffer.from(ACCOUNT.key, 'base64')).update(text).digest('base64');
  return `SharedKey ${ACCOUNT.name}:${signature}`;
}
