/** What an ingest of one movie list left in bronze: its receipt, in plain JSON; kept beside the pages as `manifest.json`. */
export interface LandedList {
  readonly list: string;
  /** Day of the run's start, UTC, yyyy-MM-dd. */
  readonly date: string;
  readonly runId: string;
  /** ISO 8601, UTC: when the last page was safe. */
  readonly landedAt: string;
  /** Folder in the lake with the pages, `page-0001.json` and so on: the response bytes as received. */
  readonly folder: string;
  readonly pages: number;
  /** Movies on the pages that fit; one that is on two pages counts once. */
  readonly rows: number;
  readonly bytes: number;
  /** SHA-256 in hex over the bytes of all pages in order. */
  readonly contentHash: string;
  /** Movies that were on more than one page, because the list moved while it was read. */
  readonly duplicates: number;
  /** Pages that do not fit the schema, and where they are: kept in bronze, reported, left out of silver. */
  readonly rejected: readonly RejectedPage[];
  /** What was noticed on the way, such as a page count that shrank. */
  readonly notes: readonly string[];
}

export interface RejectedPage {
  readonly page: number;
  /** In the lake. */
  readonly path: string;
  readonly reasons: readonly string[];
}
