/** The anchor: DuckDB copies the same rows from a local file to a local file. Arguments: `.tsv.gz`, Parquet file to write. */
import { DuckDBInstance } from '@duckdb/node-api';
import { peakMemoryMiB } from '../peak-memory.ts';

const [from = '', to = ''] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const startedMs = performance.now();
const { rowsChanged } = await connection.run(
  `COPY (FROM read_csv('${from}', delim = '\t', quote = '', escape = '', header = true, all_varchar = true))
   TO '${to}' (FORMAT parquet, COMPRESSION zstd)`,
);
const seconds = (performance.now() - startedMs) / 1000;
process.stdout.write(`${JSON.stringify({ rows: rowsChanged, seconds, peakMiB: peakMemoryMiB() })}\n`);
