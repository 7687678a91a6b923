/** The lists of TMDB, carried into the lake by one run, and by the transforms that its events start. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../../local/app-client.ts';
import type { Cloud } from '../../local/cloud.ts';
import { tmdbScenario } from '../../local/scenarios/tmdb.ts';
import { bronzeManifestPath } from '../../shared/catalog/lake-paths.ts';
import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import type { LandedList } from '../../shared/sources/tmdb/landed-list.ts';
import { stepOf } from './imdb-deliveries.ts';

/** Pages that are taken of each list: enough for a movie to be on several of the lists. */
export const pagesPerList = 2;

export interface Landings {
  /** One for each list of the catalog. */
  readonly lists: readonly LandedList[];
  /** Folder in the lake with the names of the genres. */
  readonly genres: string;
}

/** @throws Error when a run does not complete, or a page is not in bronze */
export async function carryLists(cloud: Cloud, url: string): Promise<Landings> {
  const runs: RunRecord[] = [];
  await tmdbScenario.play(cloud, url, { note: () => undefined, ran: run => runs.push(run) });
  for (const { runId, status, tables } of runs)
    assert.equal(status, 'Completed', `run ${runId}: ${JSON.stringify(tables)}`);
  const [ingest, ...transforms] = runs;
  assert.ok(ingest, 'no run of tmdb');
  assert.equal(transforms.length, tmdbLists.length, 'transforms');
  const lists = await Promise.all(tmdbLists.map(({ name }) => manifestIn(cloud, stepOf(ingest, 'ingest', name).path)));
  for (const { list, pages } of lists) assert.equal(pages, pagesPerList, `pages of ${list}`);
  return { lists, genres: stepOf(ingest, 'ingest', 'genres').path };
}

async function manifestIn({ dataDir }: Cloud, folder: string): Promise<LandedList> {
  return JSON.parse(await readFile(join(dataDir, 'lake', bronzeManifestPath(folder)), 'utf8')) as LandedList;
}
