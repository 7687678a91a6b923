/** What the local command prints: tables for a person, one JSON object for a program (its shape is fixed: docs/summary.md). */
import type { RunRecord, Step } from './app-client.ts';

/** A step as the summary's fixed shape has it. */
export type StepSummary = Omit<Step, 'retries' | 'counts'>;

export interface RunSummary {
  readonly pipeline: string;
  readonly mode: string;
  readonly runId: string;
  readonly status: string;
  readonly seconds: number;
  readonly steps: readonly StepSummary[];
}

export interface TableSummary {
  readonly name: string;
  readonly rows: number;
  /** Null for a table that has none. */
  readonly version: number | null;
}

export interface Summary {
  readonly ok: boolean;
  readonly seconds: number;
  readonly dataDir: string;
  readonly runs: readonly RunSummary[];
  readonly tables: readonly TableSummary[];
}

export function runSummary(record: RunRecord): RunSummary {
  const ended = Date.parse(record.endedAt ?? record.startedAt);
  return {
    pipeline: record.pipeline,
    mode: record.mode,
    runId: record.runId,
    status: record.status,
    seconds: (ended - Date.parse(record.startedAt)) / 1000,
    // Field by field: the record's steps may grow, the shape of the summary is fixed.
    steps: record.tables.flatMap(({ steps }) =>
      steps.map(({ name, table, rowsIn, rowsOut, bytes, path, seconds }) => {
        return { name, table, rowsIn, rowsOut, bytes, path, seconds };
      }),
    ),
  };
}

/** The silver tables as the last run that touched each left them. A table of plain Parquet has no version, and a row count per partition. */
export function tableSummaries(records: readonly RunRecord[]): TableSummary[] {
  const latest = new Map<string, TableSummary>();
  const partitions = new Map<string, Map<string, number>>();
  for (const record of records) {
    for (const { table, rows, version, steps } of record.tables) {
      if (rows === null) continue;
      const name = `silver/${record.pipeline}/${table}`;
      if (version !== null) {
        latest.set(name, { name, rows, version });
        continue;
      }
      const known = partitions.get(name) ?? new Map<string, number>();
      for (const { path, rowsOut } of steps) known.set(path, rowsOut);
      partitions.set(name, known);
      latest.set(name, { name, rows: [...known.values()].reduce((sum, count) => sum + count, 0), version });
    }
  }
  return [...latest.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** One line per step: what moved, how fast, and where it is now. */
export function stepTable(steps: readonly Step[]): string {
  const rows = steps.map(step => [
    step.name,
    step.table,
    count(step.rowsIn),
    count(step.rowsOut),
    bytes(step.bytes),
    step.seconds.toFixed(2),
    [step.path, ...counted(step)].join('; '),
  ]);
  return textTable(['step', 'table', 'rows in', 'rows out', 'size', 'seconds', 'path'], rows, [2, 3, 4, 5]);
}

/** What a step counted beyond its rows, as far as there was any. */
function counted({ counts = {} }: Step): string[] {
  return Object.entries(counts).flatMap(([name, number]) => (number === 0 ? [] : [`${count(number)} ${words(name)}`]));
}

/** `filesRewritten` as a person writes it. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
}

export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].map(text => `  ${text}`).join('\n');
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let size = value / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size.toFixed(1)} ${units[unit]}`;
}
