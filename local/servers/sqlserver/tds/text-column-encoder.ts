import { DuckDBTypeId } from '@duckdb/node-api';
import type { ColumnEncoder } from './column-encoder.ts';
import type { WireType } from './type-info.ts';
import { utf16Length, writeUtf16, writeWindows1252 } from './utf8.ts';
import { tooLong } from './values.ts';
import type { VectorMemory } from './vector-memory.ts';
import { VectorStrings } from './vector-strings.ts';

const SHORT_NULL = 0xffff;
const SPACE = 0x20;

type WriteText = (target: Buffer, at: number, source: Uint8Array, start: number, length: number) => number;

/** The fast encoder of VARCHAR and BLOB vectors; undefined for other vectors, and for text, ntext and image. */
export function textEncoder(
  wire: WireType,
  typeId: DuckDBTypeId,
  memory: VectorMemory,
  rowCount: number,
): ColumnEncoder | undefined {
  const { name } = wire.type;
  if (wire.form !== 'short' && wire.form !== 'plp') return undefined;
  if (name === 'varbinary') {
    return typeId === DuckDBTypeId.BLOB
      ? encoder(wire, new VectorStrings(memory, rowCount), rowCount, 1, copyBytes)
      : undefined;
  }
  if (typeId !== DuckDBTypeId.VARCHAR || name === 'binary' || name === 'rowversion') return undefined;
  const strings = new VectorStrings(memory, rowCount);
  return wire.encoding === 'windows-1252'
    ? encoder(wire, strings, rowCount, 1, writeWindows1252)
    : encoder(wire, strings, rowCount, 2, writeUtf16);
}

function encoder(
  wire: WireType,
  strings: VectorStrings,
  rowCount: number,
  unitBytes: 1 | 2,
  writeText: WriteText,
): ColumnEncoder {
  const plp = wire.form === 'plp';
  const isBinary = writeText === copyBytes;
  // Values of char and nchar always have their full length.
  const minimumBytes = plp || !['char', 'nchar'].includes(wire.type.name) ? 0 : (wire.type.length ?? 0) * unitBytes;
  const contentBytes = new Uint32Array(rowCount);
  return {
    weigh: row => strings.byteLength(row),
    measure(from, to, sizes) {
      strings.load(from, to);
      for (let row = from; row < to; row += 1) {
        const source = strings.source[row];
        let size = plp ? 8 : 2;
        if (source !== undefined) {
          const length = strings.byteLength(row);
          const units = isBinary ? length : utf16Length(source, strings.start[row] as number, length);
          const content = Math.max(units * unitBytes, minimumBytes);
          if (!plp && content >= SHORT_NULL) throw tooLong(wire, content);
          contentBytes[row] = content;
          size += content + (plp ? (content > 0 ? 8 : 4) : 0);
        }
        sizes[row] = (sizes[row] as number) + size;
      }
    },
    write(from, to, target, cursors) {
      for (let row = from; row < to; row += 1) {
        const source = strings.source[row];
        const content = contentBytes[row] as number;
        let at = cursors[row] as number;
        at = writeLength(target, at, plp, source === undefined ? undefined : content);
        if (source !== undefined) {
          const end = at + content;
          at = writeText(target, at, source, strings.start[row] as number, strings.byteLength(row));
          for (; at < end; at += unitBytes) {
            target[at] = SPACE;
            if (unitBytes === 2) target[at + 1] = 0;
          }
          if (plp && content > 0) at = target.writeUInt32LE(0, at);
        }
        cursors[row] = at;
      }
    },
  };
}

/** The length in front: two bytes, or the head of a PLP value of one chunk (none when it is empty, MS-TDS 2.2.5.2.3). */
function writeLength(target: Buffer, at: number, plp: boolean, content: number | undefined): number {
  if (!plp) return target.writeUInt16LE(content ?? SHORT_NULL, at);
  if (content === undefined) {
    target.fill(0xff, at, at + 8);
    return at + 8;
  }
  const next = target.writeUInt32LE(0, target.writeUInt32LE(content, at));
  return target.writeUInt32LE(content, next);
}

function copyBytes(target: Buffer, at: number, source: Uint8Array, start: number, length: number): number {
  target.set(source.subarray(start, start + length), at);
  return at + length;
}
