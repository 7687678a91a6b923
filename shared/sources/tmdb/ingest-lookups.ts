/** What explains the numbers in the lists, from TMDB to bronze: one page each, landed as lists are. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { bronzePagePath, type RunStamp } from '../../catalog/lake-paths.ts';
import type { TmdbLookup } from '../../catalog/tmdb-lists.ts';
import { ConfigError } from '../../errors.ts';
import { openLanding } from './bronze-landing.ts';
import type { IngestDependencies } from './ingest-list.ts';
import { misfits, parseJson } from './json-check.ts';
import type { LandedList } from './landed-list.ts';
import { retryBudget } from './retry-budget.ts';

export interface IngestLookupsRequest {
  readonly lookups: readonly TmdbLookup[];
  readonly run: RunStamp;
}

const retriesPerLookup = 10;

/** What must be in an answer, by the name in the catalog. Source: developer.themoviedb.org/reference. */
const lookupSchemas: Readonly<Record<string, z.ZodType>> = {
  genres: z.object({ genres: z.array(z.object({ id: z.int(), name: z.string() })).min(1) }),
  configuration: z.object({
    images: z.object({ secure_base_url: z.url(), poster_sizes: z.array(z.string()) }),
    change_keys: z.array(z.string()),
  }),
};

/**
 * Lands each lookup; `rows` is 1 per lookup, one document. Safe to repeat as `ingestList` is.
 *
 * @throws PermanentError `no-page-fits`; ConfigError `no-schema`; what `TmdbClient.get` throws
 */
export async function ingestLookups(
  { lookups, run }: IngestLookupsRequest,
  dependencies: IngestDependencies,
): Promise<readonly LandedList[]> {
  const landed: LandedList[] = [];
  for (const lookup of lookups) landed.push(await ingestLookup(lookup, run, dependencies));
  return landed;
}

async function ingestLookup(
  { name, path, language }: TmdbLookup,
  run: RunStamp,
  { client, store, clock }: IngestDependencies,
): Promise<LandedList> {
  const schema = lookupSchemas[name];
  if (schema === undefined) {
    throw new ConfigError(
      `tmdb ${name}: nothing says what its answer should hold; add it to shared/sources/tmdb/ingest-lookups.ts`,
      { code: 'no-schema' },
    );
  }
  const landing = await openLanding(store, name, run);
  if (landing.landed !== undefined) return landing.landed;
  const query: Readonly<Record<string, string>> = language === null ? {} : { language };
  const bytes = await landing.take(1, () => client.get(path, query, retryBudget(retriesPerLookup)));
  const parsed = parseJson(bytes);
  const reasons = 'reason' in parsed ? [parsed.reason] : misfits(schema, parsed.json);
  return landing.close({
    list: name,
    date: run.startedAt.slice(0, 10),
    runId: run.runId,
    landedAt: new Date(clock.now()).toISOString(),
    folder: landing.folder,
    pages: 1,
    rows: reasons.length === 0 ? 1 : 0,
    bytes: bytes.length,
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    duplicates: 0,
    rejected: reasons.length === 0 ? [] : [{ page: 1, path: bronzePagePath(landing.folder, 1), reasons }],
    notes: [],
  });
}
