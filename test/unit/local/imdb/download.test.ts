import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadDataSets } from '../../../../local/imdb/download.ts';

/** A server of one file in the manner of a static web site, which can cut the connection. */
let server: Server;
let origin: string;
let folder: string;
let content: Buffer;
let cutAfter: number | undefined;
let requests: IncomingMessage[];
let told: string[];

const names = ['title.ratings'];
const get = () => downloadDataSets({ origin, folder, names, tell: line => told.push(line) });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'imdb-download-'));
  content = gzipSync(
    Buffer.from(Array.from({ length: 200_000 }, (_, at) => createHash('md5').update(`${at}`).digest('hex')).join('\n')),
  );
  cutAfter = undefined;
  requests = [];
  told = [];
  server = createServer((request, response) => {
    requests.push(request);
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const start = request.headers['if-range'] === etag ? asked : 0;
    if (request.url !== '/title.ratings.tsv.gz') return response.writeHead(404).end();
    if (start >= content.length) return response.writeHead(416).end();
    const rest = content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, { etag, 'content-length': rest.length });
    if (cutAfter === undefined) return response.end(rest);
    response.write(rest.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

test('a file comes whole, and says how far it is', async () => {
  const [file = ''] = await get();
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(readdirSync(folder)).toEqual(['title.ratings.tsv.gz']);
  expect(told.at(-1)).toMatch(/title\.ratings\.tsv\.gz: (\d+\.\d) of \1 MiB$/);
  await get();
  expect(requests).toHaveLength(1);
  expect(told.at(-1)).toBe('title.ratings: there already');
});

test('one that was broken off goes on from there', async () => {
  cutAfter = 1_000_000;
  await expect(get()).rejects.toThrow(/title.ratings.tsv.gz: the connection broke; run the command again/);
  const { size } = statSync(join(folder, 'title.ratings.tsv.gz.part'));
  expect(size).toBeGreaterThan(0);
  cutAfter = undefined;
  const [file = ''] = await get();
  expect(requests.at(-1)?.headers.range).toBe(`bytes=${size}-`);
  expect(readFileSync(file).equals(content)).toBe(true);
});

test('one that was replaced meanwhile comes anew', async () => {
  cutAfter = 1_000_000;
  await expect(get()).rejects.toThrow('the connection broke');
  cutAfter = undefined;
  content = gzipSync('another one');
  const [file = ''] = await get();
  expect(readFileSync(file).equals(content)).toBe(true);
});

test('one that had come whole when the command was broken off needs no more bytes', async () => {
  const part = join(folder, 'title.ratings.tsv.gz.part');
  writeFileSync(part, content);
  writeFileSync(`${part}.etag`, `"${createHash('md5').update(content).digest('hex')}"`);
  const [file = ''] = await get();
  expect(readFileSync(file).equals(content)).toBe(true);
});

test.each([
  ['ends too early', () => content.subarray(0, -9)],
  ['is none', () => Buffer.from('<html>not today</html>')],
])('a gzip file that %s is refused, and the next try begins anew', async (_what, wrong) => {
  const right = content;
  content = wrong();
  await expect(get()).rejects.toThrow(/what came is no whole gzip file/);
  expect(readdirSync(folder).filter(name => !name.endsWith('.etag'))).toEqual([]);
  content = right;
  const [file = ''] = await get();
  expect(readFileSync(file).equals(content)).toBe(true);
});

test('a server that refuses', async () => {
  const wanted = downloadDataSets({ origin, folder, names: ['title.nothing'], tell: () => {} });
  await expect(wanted).rejects.toThrow(/title.nothing.tsv.gz: the server answered 404/);
});
