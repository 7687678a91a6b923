/** What the writer's thread and its owner tell each other. */
import type { ParquetColumn } from './columns.ts';

/** Given to the thread when it starts. */
export interface ParquetTable {
  readonly columns: readonly ParquetColumn[];
  /** Key-value metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** To the thread: the next rows as an Arrow IPC stream, whose memory moves with it; null when there are no more. */
export type ToWorker = Uint8Array<ArrayBuffer> | null;

export type FromWorker =
  /** The next bytes of the file. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The thread is done with a message, gives its memory back, and wants another. */
  | { readonly kind: 'taken'; readonly memory: Uint8Array<ArrayBuffer> }
  /** The file is complete. */
  | { readonly kind: 'end' };
