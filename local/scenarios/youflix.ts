/** Use case 1 as the command shows it: everything once, a few hundred changes, and then only those. */
import { startRun, waitForRun } from '../app-client.ts';
import { seedDatabase } from '../youflix/seed.ts';
import { simulate } from '../youflix/simulator.ts';
import type { Scenario } from './scenario.ts';

const changesBetweenRuns = 200;
const runTimeoutMs = 30 * 60_000;

export const youflixScenario: Scenario = {
  pipeline: 'youflix',

  async seed(cloud, { scale, seed }) {
    return seedDatabase({ connection: cloud.connectionString, scale, seed });
  },

  async play(cloud, url, tell) {
    const run = async (body: unknown): Promise<void> => {
      const runId = await startRun(url, 'youflix', body);
      tell.ran(await waitForRun(url, runId, runTimeoutMs));
    };
    await run({ mode: 'full' });
    await simulate({ connection: cloud.connectionString, seed: Date.now(), changes: changesBetweenRuns });
    tell.note(`\nThe platform goes on: ${changesBetweenRuns} changes to users and subscriptions.`);
    await run({ mode: 'incremental' });
  },
};
