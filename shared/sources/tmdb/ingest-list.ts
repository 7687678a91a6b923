/** One movie list from TMDB to bronze: every page as it came, then what was found on them. */
import type { RunStamp } from '../../catalog/lake-paths.ts';
import type { TmdbList } from '../../catalog/tmdb-lists.ts';
import type { Clock } from '../../clock.ts';
import { PermanentError } from '../../errors.ts';
import type { LakeStore } from '../../storage/store.ts';
import { openLanding } from './bronze-landing.ts';
import type { TmdbClient } from './client.ts';
import { inOrder } from './in-order.ts';
import type { LandedList } from './landed-list.ts';
import { type ListTally, listTally } from './list-tally.ts';
import { readPage } from './page-schema.ts';
import { retryBudget } from './retry-budget.ts';

export interface IngestListRequest {
  readonly list: TmdbList;
  readonly run: RunStamp;
  /** Pages that are taken at most. */
  readonly maxPages: number;
}

export interface IngestDependencies {
  readonly client: TmdbClient;
  readonly store: LakeStore;
  readonly clock: Clock;
}

/** The API gives no page behind this one, however many it says there are. */
const maxPagesOfApi = 500;

/** Pages under way at once: more than the gate lets through in the time of one answer, few enough to hold in memory. */
const pagesAhead = 32;

/** On top of one per page. */
const spareRetries = 20;

/**
 * Lands a list: pages, then a report of those that do not fit, then the manifest. Called again for the same run it goes on where it
 * was cut off; where the manifest is there already it is the answer.
 *
 * @throws PermanentError `no-page-fits`; what `TmdbClient.get` throws
 */
export async function ingestList(
  { list, run, maxPages }: IngestListRequest,
  { client, store, clock }: IngestDependencies,
): Promise<LandedList> {
  const landing = await openLanding(store, list.name, run);
  if (landing.landed !== undefined) return landing.landed;

  const mostPages = Math.min(maxPages, maxPagesOfApi);
  const budget = retryBudget(mostPages + spareRetries);
  const fetchPage = (page: number): Promise<Uint8Array> => client.get(list.path, queryOf(list, page), budget);

  const tally = listTally(landing.folder);
  const { totalPages = 1 } = tally.add(1, await landing.take(1, () => fetchPage(1)));
  const lastPage = Math.min(totalPages, mostPages);
  const others = Array.from({ length: Math.max(0, lastPage - 1) }, (_, index) => index + 2);
  const taken = inOrder(others, pagesAhead, async page => {
    const bytes = await orRefusal(landing.take(page, () => fetchPage(page)));
    return { page, bytes };
  });
  for await (const { page, bytes } of taken) {
    if (bytes instanceof PermanentError) tally.refuse(page, bytes);
    else tally.add(page, bytes);
  }
  await explainRefusals(tally, fetchPage);

  const { notes, ...sums } = tally.sums();
  const bounded = totalPages > lastPage ? [`${lastPage} of ${totalPages} pages taken`] : [];
  return landing.close({
    list: list.name,
    date: run.startedAt.slice(0, 10),
    runId: run.runId,
    landedAt: new Date(clock.now()).toISOString(),
    folder: landing.folder,
    ...sums,
    notes: [...bounded, ...notes],
  });
}

function queryOf({ language, region }: TmdbList, page: number): Readonly<Record<string, string>> {
  return { language, page: String(page), ...(region === null ? {} : { region }) };
}

/** A page behind the end of the list is refused with one of these, by services that do not answer with an empty page. */
async function orRefusal(bytes: Promise<Uint8Array>): Promise<Uint8Array | PermanentError> {
  try {
    return await bytes;
  } catch (error) {
    const isRefusal = error instanceof PermanentError && (error.code === 'tmdb-400' || error.code === 'tmdb-404');
    if (isRefusal) return error;
    throw error;
  }
}

/** The list may have become shorter after we read the pages that tell: then its first one, asked again for that alone, says so. */
async function explainRefusals(
  { unexplained }: ListTally,
  fetchPage: (page: number) => Promise<Uint8Array>,
): Promise<void> {
  if (unexplained === undefined) return;
  const { totalPages } = readPage(await fetchPage(1), 1);
  if (totalPages === undefined || unexplained.page <= totalPages) throw unexplained.refusal;
}
