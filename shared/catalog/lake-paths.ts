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

/**
 * The Parquet file of one delivery of an IMDb data set. Bronze is immutable: the second delivery of a day gets a folder of its own,
 * `2026-01-31.2`, which sorts behind the first one's. `previous` is the path of the latest delivery before this one.
 */
export function bronzeDataSetPath(dataSet: string, run: RunStamp, previous: string | undefined): string {
  const day = run.startedAt.slice(0, 10);
  const folder = `bronze/imdb/${dataSet}/`;
  const [previousDay, number = '1'] = previous?.slice(folder.length).split('/')[0]?.split('.') ?? [];
  const suffix = previousDay === day ? `.${Number(number) + 1}` : '';
  return `${folder}${day}${suffix}/part-0001.parquet`;
}

/** Rows of a delivery that did not fit; beside each other as the deliveries are in bronze. */
export function quarantineDataSetPath(bronzePath: string): string {
  return bronzePath.replace('bronze/', 'quarantine/');
}

/** Folder of the pages that one run got of a TMDB list or lookup. */
export function bronzeListFolder(list: string, run: RunStamp): string {
  const [year, month, day] = run.startedAt.slice(0, 10).split('-');
  return `bronze/tmdb/${list}/${year}/${month}/${day}/${run.runId}`;
}

/** The response bytes of one page, numbered from 1. */
export function bronzePagePath(folder: string, page: number): string {
  return `${folder}/page-${String(page).padStart(4, '0')}.json`;
}

/** The receipt of a list's pages: where it is, all of them are. */
export function bronzeManifestPath(folder: string): string {
  return `${folder}/manifest.json`;
}

/** What of a run's pages did not fit, with the reasons. */
export function quarantineListPath(bronzeFolder: string): string {
  return `${bronzeFolder.replace('bronze/', 'quarantine/')}.json`;
}

/** Movies of a run's good pages with a value that silver cannot take, with the reasons. */
export function quarantineMoviesPath(bronzeFolder: string): string {
  return `${bronzeFolder.replace('bronze/', 'quarantine/')}.movies.json`;
}

/** The one file of a partition of a silver Parquet table; replaced as a whole. */
export function silverPartitionPath(domain: string, table: string, list: string, date: string): string {
  return `silver/${domain}/${table}/list=${list}/date=${date}/part-0001.parquet`;
}

/** An event that is to be published, or was: written before it is sent. */
export function outboxPath(pipeline: string, eventId: string): string {
  return `control/outbox/${pipeline}/${eventId}.json`;
}

export function outboxFolder(pipeline: string): string {
  return `control/outbox/${pipeline}`;
}

/** Which landing of a list silver stands on, per day. */
export function partitionRecordPath(domain: string, list: string, date: string): string {
  return `control/partitions/${domain}/${list}/${date}.json`;
}

export function ledgerPath(pipeline: string): string {
  return `control/ledger/${pipeline}.json`;
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
