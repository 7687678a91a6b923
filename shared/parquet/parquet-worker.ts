/** The thread that encodes: takes Arrow messages from its port, gives back the bytes of the Parquet file as it grows. */
import { on } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  Compression,
  EnabledStatistics,
  Encoding,
  type RecordBatch,
  Table,
  transformParquetStream,
  type WriterProperties,
  WriterPropertiesBuilder,
} from 'parquet-wasm';
import type { FromWorker, ParquetTable, ToWorker } from './worker-protocol.ts';

/** A multiple of the 2048 rows in which DuckDB reads; as many as its own files have in a group. */
const rowGroupRows = 122_880;

/** Encoded bytes. A group waits in memory until it is complete, so one of long fields must have fewer rows. */
const rowGroupBytes = 16 * 1024 * 1024;

/** A dictionary that outgrows this is given up for the rest of its group: soon, because hashing values in vain costs most. */
const dictionaryBytes = 128 * 1024;

if (parentPort !== null) await encode(workerData as ParquetTable, parentPort);

async function encode(table: ParquetTable, port: MessagePort): Promise<void> {
  const batches = ReadableStream.from(recordBatches(port));
  const file: ReadableStream<Uint8Array<ArrayBuffer>> = await transformParquetStream(batches, writerProperties(table));
  for await (const bytes of file) send(port, { kind: 'bytes', bytes }, [bytes.buffer]);
  send(port, { kind: 'end' });
  port.close();
}

async function* recordBatches(port: MessagePort): AsyncIterable<RecordBatch> {
  for await (const [message] of on(port, 'message') as AsyncIterable<[ToWorker]>) {
    if (message === null) return;
    // The encoder frees the batches it is given; the table around them is ours, and would hold them for ever.
    using parsed = Table.fromIPCStream(message);
    yield* parsed.recordBatches();
    send(port, { kind: 'taken', memory: message.buffer });
  }
}

function send(port: MessagePort, message: FromWorker, moved: ArrayBuffer[] = []): void {
  port.postMessage(message, moved);
}

function writerProperties({ columns, metadata }: ParquetTable): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(rowGroupRows)
    .setMaxRowGroupBytes(rowGroupBytes)
    .setDictionaryPageSizeLimit(dictionaryBytes)
    .setKeyValueMetadata(new Map(Object.entries(metadata)));
  for (const { name, type, encoding, statistics } of columns) {
    builder = builder
      .setColumnDictionaryEnabled(name, encoding === 'dictionary')
      .setColumnStatisticsEnabled(name, statistics ? EnabledStatistics.Chunk : EnabledStatistics.None);
    // Megabytes of one byte compress to nothing, and a group of them would be counted as nothing: no reader's memory could hold it.
    if (type === 'bytes') builder = builder.setColumnCompression(name, Compression.UNCOMPRESSED);
    if (encoding === 'delta') builder = builder.setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED);
  }
  return builder.build();
}
