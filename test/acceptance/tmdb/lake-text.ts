/** What a run and its transforms left in the lake, as text files that a person can read and compare. */
import {
  bronzeListFolder,
  bronzeManifestPath,
  outboxPath,
  partitionRecordPath,
  quarantineListPath,
  quarantineMoviesPath,
} from '../../../shared/catalog/lake-paths.ts';
import { sqlName } from '../../../shared/duckdb/session.ts';
import type { RunRecord, TableResult } from '../../../shared/runs/run-record.ts';
import type { SilverTable } from '../../../shared/silver/silver-table.ts';
import { tmdbTables } from '../../../shared/silver/tmdb/index.ts';
import type { TmdbLake } from '../tmdb-lake.ts';

/** Texts by name. The run has ended, and all that its events started. */
export async function lakeText(lake: TmdbLake, record: RunRecord): Promise<Readonly<Record<string, string>>> {
  const tree = Object.keys(await lake.filesBelow('.')).filter(path => !path.startsWith('.storage/'));
  const texts: Record<string, string> = { 'run.txt': recordText(record), 'tree.txt': tree.join('\n') };
  const day = record.startedAt.slice(0, 10);
  for (const list of record.request.tables) {
    const folder = bronzeListFolder(list, record);
    const documents = {
      manifests: bronzeManifestPath(folder),
      outbox: outboxPath('tmdb', `${record.runId}.${list}`),
      partitions: partitionRecordPath('tmdb', list, day),
      'quarantine/pages': quarantineListPath(folder),
      'quarantine/movies': quarantineMoviesPath(folder),
    };
    for (const [kind, path] of Object.entries(documents)) {
      const document = await lake.document(path);
      if (document !== undefined) texts[`${kind}/${list}.txt`] = json(document);
    }
    texts[`transforms/${list}.txt`] = recordText(await lake.transformOf(await lake.landed(record, list)));
  }
  for (const table of tmdbTables) texts[`silver/${table.name}.txt`] = await silverText(lake, table);
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, `${named(text, day)}\n`]));
}

/** What is named by chance or by the day, under names that stay. */
function named(text: string, day: string): string {
  return text
    .replaceAll(day, 'DAY')
    .replaceAll(day.replaceAll('-', '/'), 'DAY')
    .replace(/tmdb-\d{8}T\d{9}Z-[0-9a-f]{12}/g, 'TRANSFORM')
    .replace(/tmdb-\d{8}T\d{9}Z-[0-9a-f]{6}/g, 'RUN');
}

function recordText({ status, tables, notes = [] }: RunRecord): string {
  return [status, ...tables.flatMap(tableLines), ...notes].join('\n');
}

function tableLines({ table, outcome, rows, steps }: TableResult): readonly string[] {
  const stepLines = steps.map(({ name, rowsIn, rowsOut, path, counts = {} }) =>
    [
      `  ${name} ${rowsIn} to ${rowsOut}`,
      path,
      ...Object.entries(counts).map(([what, count]) => `${count} ${what}`),
    ].join(', '),
  );
  return [rows === null ? `${table}: ${outcome}` : `${table}: ${outcome}, ${rows} rows`, ...stepLines];
}

/** What differs from run to run, or from one version of a library to the next; null stays null. */
const chance = new Set(['startedAt', 'endedAt', 'landedAt', 'publishedAt', 'time', 'seconds', 'bytes']);

function json(value: unknown): string {
  return JSON.stringify(value, (key, part) => (chance.has(key) && part !== null ? '…' : part), 2);
}

/** The names of the columns, then the rows, each a JSON array, as whoever reads the files in their folders has them. */
async function silverText(lake: TmdbLake, { name, columns, key }: SilverTable): Promise<string> {
  const own = columns.map(column => column.name).filter(column => column !== 'landed_at' && column !== 'run_id');
  const shown = ['list', 'date', ...own];
  const rows = await lake.query(
    `SELECT CAST(json_array(${shown.map(sqlName)}) AS VARCHAR) AS row FROM ${name}
     ORDER BY ${['list', 'date', ...key].map(sqlName)}`,
  );
  return [JSON.stringify(shown), ...rows.map(({ row }) => String(row))].join('\n');
}
