/** UTF-8 to the text of the wire, straight from bytes to bytes. The input is valid UTF-8: DuckDB stores no other. */
import { windows1252 } from './text-codec.ts';

/** UTF-16 units that the text has: one per character, two beyond the basic plane. */
export function utf16Length(source: Uint8Array, start: number, length: number): number {
  let units = length;
  for (let at = start; at < start + length; at += 1) {
    const byte = source[at] as number;
    // Every continuation byte is one unit less than bytes; a lead of four adds its second surrogate.
    if (byte >= 0x80) units += byte < 0xc0 ? -1 : byte >= 0xf0 ? 1 : 0;
  }
  return units;
}

/** Writes the text as UCS-2 at `at`; returns where it ends. */
export function writeUtf16(target: Buffer, at: number, source: Uint8Array, start: number, length: number): number {
  const end = start + length;
  let from = start;
  let to = at;
  while (from < end) {
    const byte = source[from] as number;
    if (byte < 0x80) {
      target[to] = byte;
      target[to + 1] = 0;
      from += 1;
      to += 2;
      continue;
    }
    const point = codePoint(source, from);
    from += sequenceLength(byte);
    if (point >= 0x10000) {
      to = target.writeUInt16LE(highSurrogate(point), to);
      to = target.writeUInt16LE(lowSurrogate(point), to);
    } else {
      to = target.writeUInt16LE(point, to);
    }
  }
  return to;
}

/** Writes the text in Windows-1252, one byte per UTF-16 unit; returns where it ends. */
export function writeWindows1252(
  target: Buffer,
  at: number,
  source: Uint8Array,
  start: number,
  length: number,
): number {
  const end = start + length;
  let from = start;
  let to = at;
  while (from < end) {
    const byte = source[from] as number;
    const point = byte < 0x80 ? byte : codePoint(source, from);
    from += sequenceLength(byte);
    target[to] = point >= 0x10000 ? windows1252(highSurrogate(point)) : windows1252(point);
    to += 1;
    if (point >= 0x10000) {
      target[to] = windows1252(lowSurrogate(point));
      to += 1;
    }
  }
  return to;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function codePoint(source: Uint8Array, at: number): number {
  const lead = source[at] as number;
  const next = (offset: number) => (source[at + offset] as number) & 0x3f;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | next(1);
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (next(1) << 6) | next(2);
  return ((lead & 0x07) << 18) | (next(1) << 12) | (next(2) << 6) | next(3);
}

function highSurrogate(point: number): number {
  return 0xd800 + ((point - 0x10000) >> 10);
}

function lowSurrogate(point: number): number {
  return 0xdc00 + ((point - 0x10000) & 0x3ff);
}
