/** Columns in, a Parquet file out, both as they come: the encoding happens in a thread of its own. */
import { on } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { errorMessage, PermanentError } from '../errors.ts';
import type { ColumnBatch } from './columns.ts';
import type { FromWorker, ParquetTable, ToWorker } from './worker-protocol.ts';

/** The thread's code lies beside this file under the same name: `.ts` where sources run as they are, `.js` in the bundle. */
const workerUrl = new URL(`./parquet-worker${extname(import.meta.url)}`, import.meta.url);

/** Messages sent ahead, so that the encoder need not wait for the next one while it works. */
const messagesAhead = 3;

/**
 * The bytes of a Parquet file (zstd, row groups of 122,880 rows) in their order. A batch is good until the next one is asked for, which
 * is when the encoder has room for it; while nobody asks for bytes, nothing goes on. So memory is bounded by a few batches and
 * one compressed row group.
 *
 * The thread lives as long as the iteration. An error of `batches` is passed on as it is.
 * @throws PermanentError `parquet-writer` when the encoder fails
 */
export async function* parquetFile(
  table: ParquetTable,
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Loaded here and not at the top: only who writes Parquet needs it.
  const { arrowMessages } = await import('./arrow-message.ts');
  const toArrow = arrowMessages(table.columns);
  // The memory of messages goes to and fro: left to the garbage collector, a dozen of them would be waiting for it.
  const idle: SharedArrayBuffer[] = [];
  async function* arrow(): AsyncGenerator<ToWorker, void, undefined> {
    for await (const batch of batches) yield await toArrow(batch, idle.pop());
    yield null;
  }
  const messages = arrow();
  const worker = new Worker(workerUrl, { workerData: table });
  // Listens from here on. The listener below is for an error that comes after the last answer, and would end the process.
  const answers = on(worker, 'message', { close: ['exit'] });
  worker.on('error', () => undefined);
  const sendNext = async (): Promise<void> => {
    const { done, value } = await messages.next();
    if (!done) worker.postMessage(value);
  };
  try {
    for (let sent = 0; sent < messagesAhead; sent += 1) await sendNext();
    for await (const answer of fromWorker(answers)) {
      if (answer.kind === 'end') return;
      if (answer.kind === 'bytes') yield answer.bytes;
      else {
        idle.push(answer.memory);
        await sendNext();
      }
    }
    throw writerError('its thread ended before the file did');
  } finally {
    await worker.terminate();
    await messages.return();
  }
}

async function* fromWorker(messages: AsyncIterable<FromWorker[]>): AsyncGenerator<FromWorker, void, undefined> {
  try {
    for await (const [message] of messages) if (message !== undefined) yield message;
  } catch (cause) {
    throw writerError(errorMessage(cause), cause);
  }
}

function writerError(reason: string, cause?: unknown): PermanentError {
  return new PermanentError(`parquet writer: ${reason}; run again, and report it where it happens again`, {
    code: 'parquet-writer',
    cause,
  });
}
