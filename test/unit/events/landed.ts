/** A landing, and the event of it. */
import { listLandedEvent } from '../../../shared/events/list-landed.ts';
import type { LandedList } from '../../../shared/sources/tmdb/landed-list.ts';

export const runId = 'tmdb-20260131T060000000Z-0a1b2c';

export const landed: LandedList = {
  list: 'top_rated',
  date: '2026-01-31',
  runId,
  landedAt: '2026-01-31T06:00:05.123Z',
  folder: `bronze/tmdb/top_rated/2026/01/31/${runId}`,
  pages: 50,
  rows: 998,
  bytes: 700_000,
  contentHash: 'a'.repeat(64),
  duplicates: 2,
  rejected: [],
  notes: [],
};

export const event = listLandedEvent(landed);

/** Events of several runs, in the order of their ids. */
export function eventsOf(...runs: readonly number[]) {
  return runs.map(number => {
    const id = `tmdb-2026013${number}T060000000Z-0a1b2c`;
    return listLandedEvent({ ...landed, runId: id, folder: landed.folder.replace(runId, id) });
  });
}
