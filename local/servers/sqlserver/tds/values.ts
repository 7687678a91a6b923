/** Values with their lengths, in the five forms of the wire (MS-TDS 2.2.5.2, 2.2.5.5). */
import type { SqlValue } from '../session.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { ProtocolError } from './protocol-error.ts';
import { declaredBytes, type WireType } from './type-info.ts';
import { decodeValue } from './value-decode.ts';
import { encodeValue } from './value-encode.ts';

const PLP_NULL = 0xffff_ffff_ffff_ffffn;
const SHORT_NULL = 0xffff;
const LONG_NULL = 0xffff_ffff;

/**
 * Reads a parameter's value; `inRow` reads a column's, where text, ntext and image carry a text pointer.
 *
 * @throws ProtocolError when the bytes are no value of the type
 */
export function readValue(reader: ByteReader, wire: WireType, inRow = false): SqlValue {
  const bytes = readBytes(reader, wire, inRow);
  if (bytes === null) return null;
  try {
    return decodeValue(wire, bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new ProtocolError(error.message);
    throw error;
  }
}

function readBytes(reader: ByteReader, wire: WireType, inRow: boolean): Buffer | null {
  switch (wire.form) {
    case 'fixed':
      return reader.take(wire.bytes);
    case 'byte': {
      const length = reader.u8();
      return length === 0 ? null : reader.take(length);
    }
    case 'short': {
      const length = reader.u16();
      return length === SHORT_NULL ? null : reader.take(length);
    }
    case 'plp':
      return readPlp(reader);
    case 'long': {
      if (inRow) {
        const pointerBytes = reader.u8();
        if (pointerBytes === 0) return null;
        reader.take(pointerBytes + 8);
      }
      const length = reader.u32();
      return length === LONG_NULL ? null : reader.take(length);
    }
  }
}

function readPlp(reader: ByteReader): Buffer | null {
  // The total may be unknown; the chunks tell it anyway.
  if (reader.u64() === PLP_NULL) return null;
  const chunks: Buffer[] = [];
  for (;;) {
    const length = reader.u32();
    if (length === 0) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    chunks.push(reader.take(length));
  }
}

/** 16 bytes of text pointer and 8 of timestamp; no client looks at them, but they must be there. */
const TEXT_POINTER = Buffer.concat([Buffer.of(16), Buffer.alloc(24)]);

/**
 * Writes a value of a row or an output parameter.
 *
 * @throws RangeError when it does not fit its type
 */
export function writeValue(writer: ByteWriter, wire: WireType, value: SqlValue): void {
  if (value === null) {
    writeNull(writer, wire);
    return;
  }
  const bytes = encodeValue(wire, value);
  switch (wire.form) {
    case 'fixed':
      writer.raw(bytes);
      return;
    case 'byte':
      writer.u8(bytes.length).raw(bytes);
      return;
    case 'short':
      if (bytes.length > SHORT_NULL - 1) throw tooLong(wire, bytes.length);
      writer.u16(bytes.length).raw(bytes);
      return;
    case 'plp':
      writer.u64(BigInt(bytes.length));
      if (bytes.length > 0) writer.u32(bytes.length).raw(bytes);
      writer.u32(0);
      return;
    case 'long':
      writer.raw(TEXT_POINTER).u32(bytes.length).raw(bytes);
      return;
  }
}

/** The wire form of NULL. */
function writeNull(writer: ByteWriter, wire: WireType): void {
  switch (wire.form) {
    case 'fixed':
      throw new RangeError(`a fixed value of type ${wire.type.name} cannot be null`);
    case 'byte':
    case 'long':
      writer.u8(0);
      return;
    case 'short':
      writer.u16(SHORT_NULL);
      return;
    case 'plp':
      writer.u64(PLP_NULL);
      return;
  }
}

/** A value longer than its declared column could ever carry: DuckDB does not enforce lengths, the wire has to. */
export function tooLong(wire: WireType, bytes: number): RangeError {
  const { name, length } = wire.type;
  return new RangeError(
    `a value of ${bytes} bytes in a column of type ${name}(${length ?? 'max'}), whose values have at most ${declaredBytes(wire.type)}`,
  );
}
