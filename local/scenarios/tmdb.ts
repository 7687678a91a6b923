/** Use case 3 as the command shows it: the lists of today, and for each the transform that its event starts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns, startRun, waitForRun } from '../app-client.ts';
import type { Scenario } from './scenario.ts';

const runTimeoutMs = 10 * 60_000;
/** Retries included: an event is delivered again where the app did not take it. */
const eventTimeoutMs = 2 * 60_000;

export const tmdbScenario: Scenario = {
  pipeline: 'tmdb',

  seed: async () => 'TMDB: the movies of the IMDb landing',

  async play(_cloud, url, tell) {
    const known = new Set((await listRuns(url, 'tmdb', 100)).map(({ runId }) => runId));
    const runId = await startRun(url, 'tmdb', {});
    const ingest = await waitForRun(url, runId, runTimeoutMs);
    tell.ran(ingest);
    known.add(runId);
    const published = ingest.tables.flatMap(({ steps }) => steps).filter(({ name }) => name === 'publish');
    const expected = published.reduce((sum, { rowsOut }) => sum + rowsOut, 0);
    if (ingest.status !== 'Completed' || expected === 0) return;
    tell.note(`\n${expected} events are out; Event Grid tells the app, which transforms each list.`);
    const deadline = Date.now() + eventTimeoutMs;
    for (let seen = 0; seen < expected; ) {
      for (const { runId: started } of (await listRuns(url, 'tmdb', 100)).toReversed()) {
        if (known.has(started)) continue;
        known.add(started);
        tell.ran(await waitForRun(url, started, runTimeoutMs));
        seen += 1;
      }
      if (Date.now() > deadline) throw new Error(`only ${seen} of ${expected} events started a transform in time`);
      if (seen < expected) await sleep(100);
    }
  },
};
