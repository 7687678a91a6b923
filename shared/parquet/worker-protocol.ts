/** What the writer's thread and its owner tell each other. */
import type { ParquetColumn } from './columns.ts';

/** Given to the thread when it starts. */
export interface ParquetTable {
  readonly columns: readonly ParquetColumn[];
  /** Key-value metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Rows as an Arrow IPC stream, in memory that both sides see: the one that sends it leaves it alone until it comes back. */
export type ArrowMessage = Uint8Array<SharedArrayBuffer>;

/** To the thread: the next rows, or null when there are no more. */
export type ToWorker = ArrowMessage | null;

export type FromWorker =
  /** The next bytes of the file. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The thread is done with a message, gives its memory back, and wants another. */
  | { readonly kind: 'taken'; readonly memory: SharedArrayBuffer }
  /** The file is complete. */
  | { readonly kind: 'end' };
