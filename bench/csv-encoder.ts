/**
 * Rows → CSV against csv-stringify, as each is used in a pipeline: rows come from an async generator, bytes go to a sink that
 * only counts them. 300 thousand rows of eight columns, about 120 bytes a row, one row in six with text to quote.
 */
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { csvEncoder } from '../shared/formats/csv.ts';
import { type Measurement, median } from './claim.ts';

export const name = 'csv-encoder';
export const goal = "time at most 0.2 x csv-stringify's";

const mostRatio = 0.2;
const columns = ['user_id', 'email', 'display_name', 'note', 'visits', 'price', 'created_at', 'modified_at'];
const batchRows = 1000;
const batches = 300;
const rounds = 5;

/** What csv-stringify must be told to write the same file: the empty string apart from NULL, quotes where a reader might trim. */
const sameFile = {
  header: true,
  columns,
  quoted_match: /^\s|[\r\n]|\s$/,
  cast: { string: (text: string) => (text === '' ? { value: text, quoted_empty: true } : text) },
};

type Row = (string | number | null)[];

export async function run(): Promise<Measurement> {
  const rows = Array.from({ length: batchRows }, (_, index) => makeRow(index));
  const ours: number[] = [];
  const anchor: number[] = [];
  // In turns, so that a busy moment of the machine falls on both.
  for (let round = 0; round < rounds; round++) {
    ours.push(await secondsFor(sink => encode(rows, sink)));
    anchor.push(await secondsFor(sink => pipeline(Readable.from(rowByRow(rows)), stringify(sameFile), sink)));
  }
  const ratio = median(ours.map((seconds, round) => seconds / (anchor[round] ?? Number.NaN)));
  return { ours: median(ours), anchor: median(anchor), ratio, unit: 's per 300 k rows', ok: ratio <= mostRatio };
}

async function encode(rows: readonly Row[], sink: Writable): Promise<void> {
  const encoder = csvEncoder(columns);
  await pipeline(async function* () {
    yield encoder.header();
    for await (const batch of batchByBatch(rows)) yield encoder.encode(batch);
  }, sink);
}

async function* batchByBatch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (let batch = 0; batch < batches; batch++) yield rows;
}

async function* rowByRow(rows: readonly Row[]): AsyncGenerator<Row> {
  for (let batch = 0; batch < batches; batch++) yield* rows;
}

function makeRow(index: number): Row {
  const note =
    index % 6 === 0 ? `said "yes", twice (${index})` : index % 3 === 0 ? null : 'a note of no great interest';
  const displayName = index % 9 === 0 ? `Zoë Ångström ${index}` : `Some Person ${index}`;
  const at = `2026-03-${10 + (index % 20)} 10:11:12.${1_000_000 + index}`;
  return [`${90_000_000 + index}`, `person.${index}@example.com`, displayName, note, index % 500, '12.99', at, at];
}

async function secondsFor(work: (sink: Writable) => Promise<void>): Promise<number> {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  const started = performance.now();
  await work(sink);
  if (bytes < batches * batchRows * 100) throw new Error(`${name}: only ${bytes} bytes arrived`);
  return (performance.now() - started) / 1000;
}
