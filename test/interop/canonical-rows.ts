/** One text per row, the same as canonical_rows.py makes, so that rows can be compared across languages and databases. */
import { createHash } from 'node:crypto';

/** A value as text: decimals plain, dates ISO, instants as `instantText`, booleans `true` and `false`; NULL stays NULL. */
export type CanonicalValue = string | null;

export interface RowsDigest {
  readonly rows: number;
  /** Depends on every value, not on the order of the rows. */
  readonly sha256: string;
}

/** A row is a JSON array of its texts; the rows' SHA-256s, sorted, make the digest. */
export function digestOf(rows: Iterable<readonly CanonicalValue[]>): RowsDigest {
  const hashes = Array.from(rows, row => createHash('sha256').update(JSON.stringify(row)).digest());
  hashes.sort(Buffer.compare);
  return { rows: hashes.length, sha256: createHash('sha256').update(Buffer.concat(hashes)).digest('hex') };
}

/** An instant, given in microseconds since 1970, as UTC with all six digits of the fraction. */
export function instantText(microseconds: bigint): string {
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((microseconds - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}

/** A float as the bytes of its double, big-endian, in hexadecimal: texts of floats differ between languages. */
export function doubleText(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}
