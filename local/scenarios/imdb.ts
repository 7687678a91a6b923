/** Use case 2 as the command shows it: all files once, and then two that are delivered again and start a run by themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns, type RunRecord, startRun, waitForRun } from '../app-client.ts';
import { deliverNext, seedLanding } from '../imdb/deliveries.ts';
import type { Scenario } from './scenario.ts';

const deliveredAgain = ['title.basics', 'title.ratings'];
const changedShare = 0.01;
const runTimeoutMs = 60 * 60_000;
/** Retries included: an event that comes while a run is under way is turned away, and comes again. */
const eventTimeoutMs = 5 * 60_000;

export const imdbScenario: Scenario = {
  pipeline: 'imdb',

  seed: seedLanding,

  async play(cloud, url, tell) {
    const runId = await startRun(url, 'imdb', { mode: 'full' });
    tell.ran(await waitForRun(url, runId, runTimeoutMs));
    const changed = await deliverNext(cloud, { only: deliveredAgain, changes: changedShare });
    if (changed === undefined) return;
    const counts = Object.entries(changed).map(
      ([name, { changed, added, gone }]) => `${name} with ${changed} rows changed, ${added} new, ${gone} gone`,
    );
    tell.note(`\nIMDb delivers again: ${counts.join('; ')}. Event Grid tells the app.`);
    for await (const record of runsAfter(url, runId)) tell.ran(record);
  },
};

/** The runs that events start after `runId`, until each file that was delivered again has been carried. */
async function* runsAfter(url: string, runId: string): AsyncGenerator<RunRecord> {
  const missing = new Set(deliveredAgain);
  const seen = new Set([runId]);
  const deadline = Date.now() + eventTimeoutMs;
  while (missing.size > 0) {
    const [newest] = await listRuns(url, 'imdb', 1);
    if (newest !== undefined && !seen.has(newest.runId)) {
      seen.add(newest.runId);
      const record = await waitForRun(url, newest.runId, runTimeoutMs);
      // An event may come twice, and then there is nothing left to do.
      if (record.tables.length > 0) yield record;
      const paths = record.tables.flatMap(({ steps }) => steps.map(({ path }) => path));
      for (const name of missing) if (paths.some(path => path.includes(`/${name}/`))) missing.delete(name);
      // A run that failed will not be followed by another one: the file is refused.
      if (record.status !== 'Completed') return;
    }
    if (Date.now() > deadline) {
      throw new Error(`no event started a run for ${[...missing].join(', ')} within ${eventTimeoutMs / 1000} s`);
    }
    await sleep(100);
  }
}
