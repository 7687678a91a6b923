/** Fetches IMDb's own files, for those who have the internet and accept IMDb's terms. */
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

export const imdbOrigin = 'https://datasets.imdbws.com';

/** What to know before. The sentence of attribution is IMDb's own and has to go with the data. */
export const imdbTerms = `IMDb lets anyone use these files for personal, non-commercial purposes, under the terms at
https://developer.imdb.com/non-commercial-datasets/
Information courtesy of IMDb (https://www.imdb.com). Used with permission.`;

export interface DownloadOptions {
  readonly origin: string;
  readonly folder: string;
  /** Data sets. */
  readonly names: readonly string[];
  /** Hears how far it is. */
  readonly tell: (line: string) => void;
}

/**
 * Downloads `NAME.tsv.gz` of each data set into the folder. One that was broken off is taken up where it broke, if the file is still
 * the same; one that is there whole is left as it is. A file appears once it has been unpacked from first byte to last.
 *
 * @returns the files
 * @throws Error when the server refuses, the connection breaks, or a file is not whole
 */
export async function downloadDataSets({ origin, folder, names, tell }: DownloadOptions): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const name of names) {
    const file = join(folder, `${name}.tsv.gz`);
    if (existsSync(file)) tell(`${name}: there already`);
    else await download(`${origin}/${name}.tsv.gz`, file, tell);
    files.push(file);
  }
  return files;
}

async function download(url: string, file: string, tell: (line: string) => void): Promise<void> {
  const part = `${file}.part`;
  const version = `${part}.etag`;
  const start = existsSync(part) && existsSync(version) ? statSync(part).size : 0;
  // If the file has been replaced since, the server sends the new one from its beginning.
  const headers = start > 0 ? { range: `bytes=${start}-`, 'if-range': await readFile(version, 'utf8') } : undefined;
  const response = await fetch(url, { headers });
  // 416: nothing is missing but the last step.
  if (response.status !== 416) {
    if (!response.ok || response.body === null)
      throw new Error(`download of ${url}: the server answered ${response.status}`);
    const isRest = response.status === 206;
    await writeFile(version, response.headers.get('etag') ?? '');
    const total = Number(response.headers.get('content-length')) + (isRest ? start : 0);
    const target = createWriteStream(part, { flags: isRest ? 'a' : 'w' });
    await pipeline(Readable.fromWeb(response.body), progress(url, isRest ? start : 0, total, tell), target).catch(
      async cause => {
        // What was on its way to the disk gets there: the next start goes on from the end of the file.
        if (!target.closed) await new Promise<void>(resolve => target.once('close', () => resolve()));
        throw new Error(`download of ${url}: the connection broke; run the command again to go on from there`, {
          cause,
        });
      },
    );
  }
  await checkWhole(url, part);
  await rename(part, file);
  await rm(version);
}

const tellEveryBytes = 32 * 1024 * 1024;

function progress(url: string, start: number, total: number, tell: (line: string) => void) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = start;
    let told = start;
    for await (const chunk of chunks) {
      yield chunk;
      bytes += chunk.length;
      if (bytes - told < tellEveryBytes && bytes < total) continue;
      told = bytes;
      tell(`${url}: ${mebibytes(bytes)} of ${mebibytes(total)} MiB`);
    }
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

/** Unpacks the file into nothing. A part that is no gzip file will never become one, so it is removed. */
async function checkWhole(url: string, part: string): Promise<void> {
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(part), createGunzip(), nothing);
  } catch (cause) {
    await rm(part);
    throw new Error(`download of ${url}: what came is no whole gzip file; it was removed, run the command again`, {
      cause,
    });
  }
}
