/** A batch of columns as an Arrow IPC stream: the form in which a table crosses into WebAssembly. */
import {
  Binary,
  type Data,
  Field,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
} from 'apache-arrow';
import type { ColumnBatch, IntegerValues, ParquetColumn, VariableLengthValues } from './columns.ts';
import type { ArrowMessage } from './worker-protocol.ts';

const arrowTypes = { text: new Utf8(), bytes: new Binary(), int64: new Int64() };

/**
 * Makes the messages of one table: schema and batch, end to end, in the memory given where it is large enough, else in new memory.
 * The bytes of the values are copied once.
 */
export function arrowMessages(
  columns: readonly ParquetColumn[],
): (batch: ColumnBatch, memory: SharedArrayBuffer | undefined) => Promise<ArrowMessage> {
  const schema = new Schema(columns.map(({ name, type, nullable }) => new Field(name, arrowTypes[type], nullable)));
  return async ({ rows, columns: values }, memory) => {
    const children = columns.map(({ type }, index) => arrowData(type, rows, values[index]));
    const data = makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children });
    const writer = new RecordBatchStreamWriter();
    writer.write(new RecordBatch(schema, data));
    writer.finish();
    const parts: Uint8Array[] = [];
    for await (const part of writer) parts.push(part);
    return joined(parts, memory);
  };
}

function joined(parts: readonly Uint8Array[], memory: SharedArrayBuffer | undefined): ArrowMessage {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  // Messages differ a little in size: with some room to spare, memory serves them all.
  const isEnough = memory !== undefined && memory.byteLength >= length;
  const message = new Uint8Array(isEnough ? memory : new SharedArrayBuffer(Math.ceil(length * 1.25)), 0, length);
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

function arrowData(
  type: ParquetColumn['type'],
  length: number,
  values: VariableLengthValues | IntegerValues | undefined,
): Data {
  if (values === undefined) throw new Error(`a batch with fewer columns than its table: no ${type} column`);
  const common = { length, nullBitmap: values.validity ?? null };
  if ('integers' in values) return makeData({ ...common, type: arrowTypes.int64, data: values.integers });
  const { offsets: valueOffsets, bytes: data } = values;
  return type === 'text'
    ? makeData({ ...common, type: arrowTypes.text, valueOffsets, data })
    : makeData({ ...common, type: arrowTypes.bytes, valueOffsets, data });
}
