/** Deliveries written by hand: a folder of readable text, and the landing files that it stands for. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from '../imdb-lake.ts';
import { packed, zipped } from './archives.ts';

/**
 * `title.basics.tsv.gz.txt` is what `title.basics.tsv.gz` expands to, a folder `imdb.zip` holds the entries of that zip.
 * `\xNN` stands for a byte that an editor would not leave as it is.
 */
export async function readDelivery(folder: string): Promise<Files> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files[entry.name] = await zipped(await readTexts(path));
    else Object.assign(files, await readText(path, entry.name));
  }
  return files;
}

async function readTexts(folder: string): Promise<Files> {
  const names = (await readdir(folder)).sort();
  return Object.assign({}, ...(await Promise.all(names.map(name => readText(join(folder, name), name)))));
}

async function readText(path: string, name: string): Promise<Files> {
  const text = await readFile(path, 'latin1');
  const bytes = text.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const landed = name.replace(/\.txt$/, '');
  return { [landed]: packed(landed, Buffer.from(bytes, 'latin1')) };
}

/** Bytes as text again: what is no printable UTF-8 as `\xNN`. */
export function readable(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    text = Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\xff]/g, hex);
  }
  return text.replace(/(?!\t)\p{Cc}/gu, hex);
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
