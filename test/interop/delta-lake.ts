/** What our reader finds in a lake: `delta-lake.ts LAKE` prints the JSON that `delta_lake.py read LAKE` must print too. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { readTable } from '../../shared/delta/read.ts';
import type { TableColumn } from '../../shared/delta/schema.ts';
import { openDuckDb, sqlName } from '../../shared/duckdb/session.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';

const [lake] = process.argv.slice(2);
if (lake === undefined) throw new Error('usage: delta-lake.ts LAKE');
const scratch = await mkdtemp(join(tmpdir(), 'delta-lake-'));
const duckdb = await openDuckDb({ scratch });
const engine: DeltaEngine = { store: directoryStore(lake), duckdb, scratch, clock: systemClock };
const summaries: Record<string, unknown> = {};
for (const table of await tablesBelow(lake)) summaries[table] = await summary(table);
process.stdout.write(`${JSON.stringify(summaries)}\n`);
duckdb.close();
await rm(scratch, { recursive: true, force: true });

async function tablesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const logs = entries.filter(entry => entry.isDirectory() && entry.name === '_delta_log');
  return logs.map(entry => relative(folder, dirname(join(entry.parentPath, entry.name)))).sort();
}

async function summary(table: string) {
  await using reading = await readTable({ table }, engine);
  const { schema, version } = reading.snapshot;
  const rows = await duckdb.rows(`SELECT ${schema.map(textColumn)} FROM ${reading.relation}`);
  const columns = schema.map(column => [
    column.name,
    checksum(
      column,
      rows.map(row => row[column.name]),
    ),
  ]);
  return { version, rows: rows.length, columns: Object.fromEntries(columns) };
}

function textColumn({ name, type }: TableColumn): string {
  const column = sqlName(name);
  if (type === 'timestamp') return `strftime(${column}, '%Y-%m-%d %H:%M:%S.%f') AS ${column}`;
  if (type === 'binary') return `lower(hex(${column})) AS ${column}`;
  return type === 'double' || type === 'float' ? `${column}::DOUBLE AS ${column}` : `${column}::VARCHAR AS ${column}`;
}

function checksum({ type }: TableColumn, values: readonly unknown[]): string {
  let total = 0n;
  for (const value of values) {
    if (value === null) continue;
    const text = type === 'double' || type === 'float' ? doubleBytes(Number(value)) : String(value);
    total += createHash('md5').update(text).digest().readBigUInt64BE();
  }
  return String(total);
}

function doubleBytes(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}
