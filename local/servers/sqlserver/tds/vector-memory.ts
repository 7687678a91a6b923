/**
 * A DuckDB vector as the memory it is. @duckdb/node-api shows values one by one; a million rows need the arrays behind them,
 * which it keeps in private fields. They hold for the version pinned in package.json. Where they are not what is expected
 * here, `vectorMemory` gives nothing and the rows take the slow way; a test compares both ways.
 */
import { DuckDBBlobVector, type DuckDBVector } from '@duckdb/node-api';

/** The arrays behind a vector; valid as long as its chunk. */
export interface VectorMemory {
  /** The values side by side, in the machine's little-endian order. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** One bit per row, 0 for NULL; undefined when no row is NULL. Slots of NULLs hold garbage. */
  readonly validity: Uint8Array | undefined;
}

/** The memory of a vector; undefined for vectors that keep it elsewhere, such as lists. */
export function vectorMemory(vector: DuckDBVector): VectorMemory | undefined {
  const { dataView, items, validity } = vector as unknown as Record<'dataView' | 'items' | 'validity', unknown>;
  const data = dataView ?? items;
  const bits = (validity as { data?: unknown } | undefined)?.data;
  if (!ArrayBuffer.isView(data) || !(bits === null || bits instanceof BigUint64Array)) return undefined;
  return {
    bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    validity: bits === null ? undefined : new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength),
  };
}

/** Whether the row has a value. */
export function isValid(memory: VectorMemory, row: number): boolean {
  const bits = memory.validity;
  return bits === undefined || ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/**
 * Copies `length` (over 12) bytes from an address in this process. The library offers this only as the content of a string
 * vector, so one is made up: a header of length, prefix and pointer.
 */
export function copyMemory(address: number, length: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, length, true);
  header.setBigUint64(8, BigInt(address), true);
  const vector = new DuckDBBlobVector(header, { itemValid: () => true } as never, undefined as never, 0, 1);
  return vector.getItemBytes(0) ?? new Uint8Array(0);
}
