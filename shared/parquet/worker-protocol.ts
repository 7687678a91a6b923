/** What the writer's thread and its owner tell each other. */
import type { ParquetColumn } from './columns.ts';

/** Given to the thread when it starts. */
export interface ParquetTable {
  readonly columns: readonly ParquetColumn[];
  /** Key-value metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** To the thread: the next rows as an Arrow IPC stream, whose buffer moves with it; null when there are no more. */
export type ToWorker = Uint8Array<ArrayBuffer> | null;

/** From the thread: bytes of the file in their order, that it has taken up a message and wants another, or the end of the file. */
export type FromWorker =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'taken' }
  | { readonly kind: 'end' };
