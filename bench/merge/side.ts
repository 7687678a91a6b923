/** One side of the merge claim in a process of its own: `side.ts ours|anchor recent|scattered`. Prints what it took as JSON. */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { mergeIntoTable } from '../../shared/delta/merge.ts';
import { peakMemoryMiB } from '../peak-memory.ts';
import { type Case, changesFile, copyTable, engineOn, rowsPerFile, schema, table } from './data.ts';

const [side, which] = process.argv.slice(2) as ['ours' | 'anchor', Case];
const folder = await copyTable(side);
const started = performance.now();
const bytes = side === 'ours' ? await ours() : await anchor();
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, bytes, peakMiB: peakMemoryMiB() }));

async function ours(): Promise<number> {
  const engine = await engineOn(side);
  const source = `read_parquet('${changesFile(which)}')`;
  const request = { table, schema, key: ['user_id'], versionColumn: 'modified_at', source, rowsPerFile };
  const { bytesWritten, inserted } = await mergeIntoTable(request, engine);
  engine.duckdb.close();
  if (inserted !== 5000) throw new Error(`merge ${which}: expected 5000 new rows, got ${inserted}`);
  return bytesWritten;
}

/** What a script without a table format does: the whole table written anew, in one statement. */
async function anchor(): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const target = join(folder, 'rewritten.parquet');
  await connection.run(
    `COPY (FROM read_parquet('${join(folder, table)}/*.parquet') old ANTI JOIN read_parquet('${changesFile(which)}') new USING (user_id)
           UNION ALL FROM read_parquet('${changesFile(which)}')) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  const written = await connection.runAndReadAll(
    `SELECT sum(total_compressed_size) FROM parquet_metadata('${target}')`,
  );
  connection.closeSync();
  instance.closeSync();
  return Number(written.getRows()[0]?.[0]);
}
