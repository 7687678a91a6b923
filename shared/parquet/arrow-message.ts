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

const arrowTypes = { text: new Utf8(), bytes: new Binary(), int64: new Int64() };

/** Makes the messages of one table. The bytes of the values are copied once. */
export function arrowMessages(columns: readonly ParquetColumn[]): (batch: ColumnBatch) => Uint8Array<ArrayBuffer> {
  const schema = new Schema(columns.map(({ name, type, nullable }) => new Field(name, arrowTypes[type], nullable)));
  return ({ rows, columns: values }) => {
    const children = columns.map(({ type }, index) => arrowData(type, rows, values[index]));
    const data = makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children });
    const writer = new RecordBatchStreamWriter();
    writer.write(new RecordBatch(schema, data));
    writer.finish();
    return writer.toUint8Array(true) as Uint8Array<ArrayBuffer>;
  };
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
