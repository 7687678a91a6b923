/** Writes IMDb-shaped files of any size: a few megabytes of memory, however many rows. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import yazl from 'yazl';
import { type BadCounts, type BadKind, badKindsFor, badLine } from './bad-lines.ts';
import { type DataSet, dataSets } from './data-sets.ts';
import { changesOf, type Deliveries, makeWorld, ordinalsUpTo, type World } from './world.ts';

export interface WriteOptions {
  readonly titles: number;
  readonly seed: number;
  /** Default: as many as titles. */
  readonly people?: number;
  /** Only these data sets. */
  readonly only?: readonly string[];
  /** A later delivery: this share of the titles and people changed or went since the one before, a tenth of it is new. */
  readonly changes?: number;
  /** Which delivery: 0 is the first. Default 0, with `changes` 1. */
  readonly delivery?: number;
  /** These data sets come as a zip with CSV inside. */
  readonly zipped?: readonly string[];
  /** Bad lines to put into each data set. */
  readonly bad?: BadCounts;
}

/** A data set as it was written. */
export interface WrittenDataSet {
  readonly file: string;
  /** Lines after the header, bad ones included. */
  readonly rows: number;
  readonly bad: BadCounts;
  /** Rows that differ from the delivery before, by key. */
  readonly changed: number;
  readonly added: number;
  readonly gone: number;
}

/** Unless said otherwise, one title or person in a hundred changes from one delivery to the next. */
const defaultChanges = 0.01;

/**
 * Writes the data sets into a folder as `title.basics.tsv.gz` and so on: the same files for the same options.
 * @throws Error for bad lines in a zipped data set, or where there are too few good ones to put them between
 */
export async function writeDataSets(folder: string, options: WriteOptions): Promise<Record<string, WrittenDataSet>> {
  const { titles, seed, people, only, changes, zipped = [], bad = {} } = options;
  await mkdir(folder, { recursive: true });
  const contents: Contents = {
    world: await makeWorld(seed, titles, people),
    deliveries: { number: options.delivery ?? (changes === undefined ? 0 : 1), changes: changes ?? defaultChanges },
    bad,
  };
  const written: Record<string, WrittenDataSet> = {};
  for (const dataSet of dataSets) {
    if (only !== undefined && !only.includes(dataSet.name)) continue;
    const tally = { rows: 0, changed: 0, added: 0, gone: 0, bad: {} };
    const write = zipped.includes(dataSet.name) ? writeZip : writeGzip;
    const file = await write(folder, dataSet, contents, tally);
    written[dataSet.name] = { file, ...tally };
  }
  return written;
}

interface Contents {
  readonly world: World;
  readonly deliveries: Deliveries;
  readonly bad: BadCounts;
}

interface Tally {
  rows: number;
  changed: number;
  added: number;
  gone: number;
  bad: Partial<Record<BadKind, number>>;
}

async function writeGzip(folder: string, dataSet: DataSet, contents: Contents, tally: Tally): Promise<string> {
  const file = join(folder, `${dataSet.name}.tsv.gz`);
  const text = textOf(dataSet, contents, tally, line => line);
  await pipeline(Readable.from(text), createGzip({ level: fastest, chunkSize: pieceLength }), createWriteStream(file));
  return file;
}

async function writeZip(folder: string, dataSet: DataSet, contents: Contents, tally: Tally): Promise<string> {
  if (badKindsFor(dataSet, contents.bad).length > 0) {
    throw new Error(`${dataSet.name}: bad lines are made for TSV; leave it out of \`zipped\``);
  }
  const file = join(folder, `${dataSet.name}.zip`);
  const zip = new yazl.ZipFile();
  const text = Readable.from(textOf(dataSet, contents, tally, csvLine));
  zip.addReadStream(text, `${dataSet.name}.csv`, { mtime: new Date(2026, 0, 1), compressionLevel: fastest });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

const fastest = 1;

/** The whole text of a data set in large pieces, each line put into its form by `form`. */
function* textOf(
  dataSet: DataSet,
  contents: Contents,
  tally: Tally,
  form: (line: string) => string,
): Generator<Buffer> {
  const { world, deliveries, bad } = contents;
  const ordinals = ordinalsUpTo(world, dataSet.of, deliveries);
  const badLines = badKindsFor(dataSet, bad);
  // All of them before the last quarter: a duplicate needs a good line after it.
  const stride = (ordinals * 0.75) / badLines.length;
  let made = 0;
  let text = `${form(dataSet.header)}\n`;
  for (let ordinal = 0; ordinal < ordinals; ordinal++) {
    const lines = linesOf(dataSet, ordinal, contents, tally);
    const [first] = lines;
    if (first === undefined) continue;
    for (let kind = badLines[made]; kind !== undefined && made * stride <= ordinal; kind = badLines[made]) {
      yield Buffer.from(text);
      yield badLine(kind, first, dataSet, world, made);
      text = '';
      made += 1;
      tally.rows += 1;
      tally.bad[kind] = (tally.bad[kind] ?? 0) + 1;
    }
    for (const line of lines) text += `${form(line)}\n`;
    tally.rows += lines.length;
    if (text.length > pieceLength) {
      yield Buffer.from(text);
      text = '';
    }
  }
  if (made < badLines.length) {
    throw new Error(`${dataSet.name}: too few lines to put ${badLines.length} bad ones between; ask for more titles`);
  }
  yield Buffer.from(text);
}

const pieceLength = 256 * 1024;

/** The lines of one title or person in this delivery; notes how they differ from those in the one before. */
function linesOf(dataSet: DataSet, ordinal: number, { world, deliveries }: Contents, tally: Tally): readonly string[] {
  const at = (number: number): number | undefined => changesOf(world, dataSet.of, ordinal, { ...deliveries, number });
  const now = at(deliveries.number);
  const lines = now === undefined ? [] : dataSet.lines(world, ordinal, now);
  if (deliveries.number === 0) return lines;
  const before = at(deliveries.number - 1);
  if (before === now) return lines;
  const linesBefore = before === undefined ? [] : dataSet.lines(world, ordinal, before);
  const shared = Math.min(lines.length, linesBefore.length);
  for (let index = 0; index < shared; index++) if (lines[index] !== linesBefore[index]) tally.changed += 1;
  tally.added += lines.length - shared;
  tally.gone += linesBefore.length - shared;
  return lines;
}

/** RFC 4180: quotes around fields that need them, and quotes inside doubled. */
function csvLine(line: string): string {
  return line
    .split('\t')
    .map(field => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}
