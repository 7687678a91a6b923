import type { TextEncoding } from './type-info.ts';

const WINDOWS_1252 = new TextDecoder('windows-1252');

/** The characters of Windows-1252 that are not at their Unicode place, all between 0x80 and 0x9F. */
const MOVED: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 32 }, (_, index) => [WINDOWS_1252.decode(Buffer.of(0x80 + index)).charCodeAt(0), 0x80 + index]),
);

/** The byte of a UTF-16 unit in Windows-1252; `?` where it has none. Half of a surrogate pair has none. */
export function windows1252(unit: number): number {
  if (unit < 0x80 || (unit >= 0xa0 && unit <= 0xff)) return unit;
  return MOVED.get(unit) ?? 0x3f;
}

/** Text in the bytes of the wire; in Windows-1252 one byte per UTF-16 unit, `?` for what it lacks. */
export function encodeText(text: string, encoding: TextEncoding): Buffer {
  if (encoding !== 'windows-1252') return Buffer.from(text, encoding);
  const bytes = Buffer.allocUnsafe(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = windows1252(text.charCodeAt(index));
  return bytes;
}

/** Bytes of the wire as text. */
export function decodeText(bytes: Buffer, encoding: TextEncoding): string {
  return encoding === 'windows-1252' ? WINDOWS_1252.decode(bytes) : bytes.toString(encoding);
}
