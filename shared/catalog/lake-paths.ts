/** The only maker of lake paths. Layout: docs/lake-layout.md. */
export interface RunStamp {
  readonly runId: string;
  /** ISO 8601, UTC; the day decides the bronze folder. */
  readonly startedAt: string;
}

export const lakeFileSystems = ['bronze', 'silver', 'gold', 'quarantine', 'control'] as const;

/** One CSV per table and run; a split full load numbers its parts from 1. */
export function bronzeTablePath(table: string, run: RunStamp, part?: number): string {
  const [year, month, day] = run.startedAt.slice(0, 10).split('-');
  const suffix = part === undefined ? '' : `.part-${String(part).padStart(4, '0')}`;
  return `bronze/youflix/${table}/${year}/${month}/${day}/${run.runId}${suffix}.csv`;
}

export function silverTablePath(domain: string, table: string): string {
  return `silver/${domain}/${table}`;
}

export function watermarkPath(pipeline: string, table: string): string {
  return `control/watermarks/${pipeline}/${table}.json`;
}

/** Run ids start with the time, so path order is time order. */
export function runRecordPath(pipeline: string, runId: string): string {
  return `control/runs/${pipeline}/${runId}.json`;
}

export function runRecordFolder(pipeline: string): string {
  return `control/runs/${pipeline}`;
}

export function runLockPath(pipeline: string): string {
  return `control/locks/${pipeline}.json`;
}
