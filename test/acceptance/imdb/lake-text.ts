/** What a run left in the lake, as text files that a person can read and compare. */
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { silverTablePath } from '../../../shared/catalog/lake-paths.ts';
import type { DeltaEngine } from '../../../shared/delta/engine.ts';
import { readTable } from '../../../shared/delta/read.ts';
import { sqlName } from '../../../shared/duckdb/session.ts';
import type { RunRecord, StepReceipt, TableResult } from '../../../shared/runs/run-record.ts';
import { imdbTables } from '../../../shared/silver/imdb/index.ts';
import type { ImdbLake } from '../imdb-lake.ts';
import { readable } from './delivery-text.ts';
import { withDeltaEngine } from './delta-engine.ts';
import { parquetRows } from './parquet-rows.ts';

/** Texts by name: the run, the lake's tree, the ledger, and the rows of every file and table that the run wrote. */
export async function lakeText(lake: ImdbLake, record: RunRecord): Promise<Readonly<Record<string, string>>> {
  const steps = record.tables.flatMap(table => table.steps);
  const texts: Record<string, string> = {
    'run.txt': runText(record),
    'tree.txt': lines(Object.keys(await lake.filesBelow('.')).filter(path => !path.startsWith('.storage/'))),
    'ledger.txt': JSON.stringify(await lake.ledger(), withoutChance, 2),
  };
  for (const { name, table, path } of steps) {
    if (name === 'copy') texts[`bronze/${table}.txt`] = await bronzeText(join(lake.folder, path));
    if (name === 'check' && path.startsWith('quarantine/'))
      texts[`quarantine/${table}.txt`] = lines(await parquetLines(join(lake.folder, path)));
  }
  await withDeltaEngine(lake.folder, async engine => {
    for (const { name, table } of steps)
      if (name === 'flatten') texts[`silver/${table}.txt`] = await silverText(table, engine);
  });
  const day = record.startedAt.slice(0, 10);
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, named(text, day)]));
}

/** What is named by chance or after the day, under names that stay. */
function named(text: string, day: string): string {
  const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  const runId = /imdb-\d{8}T\d{9}Z-[0-9a-f]{6}/g;
  return `${text.replaceAll(day, 'DAY').replace(uuid, 'UUID').replace(runId, 'RUN')}\n`;
}

function runText({ mode, status, tables, notes = [] }: RunRecord): string {
  return lines([`${mode}: ${status}`, ...tables.flatMap(tableLines), ...notes]);
}

function tableLines({ table, outcome, version, rows, steps, failure }: TableResult): string[] {
  const at = version === null ? '' : `, ${rows} rows at version ${version}`;
  const failed = failure === null ? [] : [`  ${failure.step}: ${failure.code}: ${failure.message}`];
  return [`${table}: ${outcome}${at}`, ...steps.map(stepLine), ...failed];
}

function stepLine({ name, rowsIn, rowsOut, path, counts = {} }: StepReceipt): string {
  const counted = Object.entries(counts).filter(([, count]) => count !== 0);
  return [`  ${name} ${rowsIn} to ${rowsOut}, ${path}`, ...counted.map(([what, count]) => `${count} ${what}`)].join(
    ', ',
  );
}

/** What differs from run to run, or from one version of a packer to the next; null stays null. */
const chance = new Set(['etag', 'bytes', 'sha256', 'modifiedAt', 'runId', 'reservedBy']);

function withoutChance(key: string, value: unknown): unknown {
  return chance.has(key) && value !== null ? '…' : value;
}

async function bronzeText(file: string): Promise<string> {
  const { key_value_metadata: metadata = [] } = await parquetMetadataAsync(await asyncBufferFromFile(file));
  const told = metadata
    .filter(({ key }) => key.startsWith('youflix.') && !/etag|_at$/.test(key))
    .map(({ key, value }) => `${key} ${value}`)
    .sort();
  return lines([told.join(', '), ...(await parquetLines(file))]);
}

/** The names of the columns, then a JSON array per row, by line. */
async function parquetLines(file: string): Promise<string[]> {
  const rows = await parquetRows(file);
  const line = (row: Record<string, unknown>): number => Number(row['line'] ?? row['_line']);
  rows.sort((a, b) => line(a) - line(b));
  return [Object.keys(rows[0] ?? {}), ...rows.map(row => Object.values(row))].map(values =>
    JSON.stringify(values, (_, value) => {
      if (value instanceof Uint8Array) return readable(value);
      return typeof value === 'bigint' ? Number(value) : value;
    }),
  );
}

async function silverText(name: string, engine: DeltaEngine): Promise<string> {
  const key = imdbTables.find(table => table.name === name)?.key ?? [];
  await using silver = await readTable({ table: silverTablePath('imdb', name) }, engine);
  const columns = silver.snapshot.schema.map(column => column.name);
  const rows = await engine.duckdb.rows(
    `SELECT CAST(json_array(${columns.map(sqlName)}) AS VARCHAR) AS row FROM ${silver.relation} ORDER BY ${key.map(sqlName)}`,
  );
  return lines([JSON.stringify(columns), ...rows.map(({ row }) => String(row))]);
}

function lines(all: readonly string[]): string {
  return all.join('\n');
}
