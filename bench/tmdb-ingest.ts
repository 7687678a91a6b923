/** TMDB lists to bronze at the rate of the service's limit, on a good day and in a storm of refusals. */
import { join } from 'node:path';
import { type TmdbList, tmdbLists } from '../shared/catalog/tmdb-lists.ts';
import { systemClock } from '../shared/clock.ts';
import { countingRetries } from '../shared/retry.ts';
import { tmdbClient } from '../shared/sources/tmdb/client.ts';
import { ingestList } from '../shared/sources/tmdb/ingest-list.ts';
import type { LandedList } from '../shared/sources/tmdb/landed-list.ts';
import { memoryStore } from '../shared/storage/memory-store.ts';
import { serve } from './child-process.ts';
import type { Measurement } from './claim.ts';

export const name = 'tmdb-ingest';
export const goal =
  '4 lists of 50 pages within 1.15 x the time of the limit, 40 requests/s, none refused; with 30 % refused, no page lost or doubled';

const requestsPerSecond = 40;
const pagesPerList = 50;
const moviesPerPage = 20;

export async function run(): Promise<readonly Measurement[]> {
  const steady = await ingestAll(0);
  const storm = await ingestAll(0.3);
  const asked = tmdbLists.length * pagesPerList;
  return [
    measurement('steady', steady, asked, steady.repeated === 0 && steady.seconds <= (1.15 * asked) / requestsPerSecond),
    measurement('storm', storm, asked + storm.repeated, storm.repeated > 0),
  ];
}

interface Ingest {
  readonly seconds: number;
  readonly repeated: number;
  readonly landed: readonly LandedList[];
}

async function ingestAll(share: number): Promise<Ingest> {
  const script = join(import.meta.dirname, 'tmdb-ingest', 'stand-in.ts');
  const standIn = await serve<{ url: string; token: string }>(script, [String(share)]);
  try {
    const client = tmdbClient({ ...standIn.ready, requestsPerSecond, timeoutMs: 5000 });
    const run = { runId: 'bench', startedAt: new Date().toISOString() };
    const store = memoryStore();
    const ingest = (list: TmdbList): Promise<LandedList> =>
      ingestList({ list, run, maxPages: pagesPerList }, { client, store, clock: systemClock });
    const startedMs = performance.now();
    const { result: landed, retries } = await countingRetries(() => Promise.all(tmdbLists.map(ingest)));
    return { seconds: (performance.now() - startedMs) / 1000, repeated: retries, landed };
  } finally {
    await standIn.close();
  }
}

/** The anchor is the time that so many requests take at the limit. */
function measurement(label: string, { seconds, landed }: Ingest, requests: number, isMet: boolean): Measurement {
  const anchor = requests / requestsPerSecond;
  const isWhole = landed.every(
    ({ pages, rows, duplicates, rejected }) =>
      pages === pagesPerList && rows === pagesPerList * moviesPerPage && duplicates === 0 && rejected.length === 0,
  );
  return { case: label, ours: seconds, anchor, ratio: seconds / anchor, unit: 's', ok: isMet && isWhole };
}
