/** Reads back what the generator wrote, with other means than its own. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import yauzl from 'yauzl';

/** The lines of a gzipped file after its header, without their ends; each byte a character. */
export function rawLines(file: string): string[] {
  const lines = gunzipSync(readFileSync(file)).toString('latin1').split('\n');
  if (lines.pop() !== '') throw new Error(`${file} does not end in a line feed`);
  return lines.slice(1);
}

/** The rows of a gzipped file after its header, by field. */
export function rowsOf(file: string): string[][] {
  return rawLines(file).map(line => Buffer.from(line, 'latin1').toString('utf8').split('\t'));
}

/** Name and text of the entries of a zip. */
export async function entriesOf(file: string): Promise<{ name: string; text: string }[]> {
  const zip = await yauzl.openPromise(file);
  const entries: { name: string; text: string }[] = [];
  for await (const entry of zip.eachEntry()) {
    const text = await buffer(await zip.openReadStreamPromise(entry));
    entries.push({ name: entry.fileName, text: text.toString('utf8') });
  }
  return entries;
}
