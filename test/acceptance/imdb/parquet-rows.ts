import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** The rows of a Parquet file, by a reader that nobody here wrote; a BYTE_ARRAY without a logical type as bytes. */
export async function parquetRows(file: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(file), compressors, utf8: false });
}
