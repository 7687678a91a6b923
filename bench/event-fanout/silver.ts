/** A raised local cloud on which one TMDB list lands again and again. */
import { startRun, waitForRun } from '../../local/app-client.ts';
import { raiseCloud } from '../../local/cloud.ts';
import type { FaultTable } from '../../local/faults.ts';
import { portsFrom } from '../../local/settings.ts';
import { tmdbTables } from '../../shared/silver/tmdb/index.ts';

const timeoutMs = 60_000;

/** For each landing, the seconds from the request that publishes its event until the last of its silver files is in place. */
export async function secondsToSilver(dataDir: string, landings: number): Promise<readonly number[]> {
  const cloud = await raiseCloud({ dataDir, ports: portsFrom(0) });
  try {
    const { url } = await cloud.startApp();
    const seconds: number[] = [];
    // The first one loads DuckDB into the app.
    for (let landing = 0; landing <= landings; landing++) {
      const measured = fromEventToSilver(cloud.faults);
      const runId = await startRun(url, 'tmdb', { tables: ['popular'] });
      await waitForRun(url, runId, timeoutMs);
      if (landing > 0) seconds.push(await measured);
      else await measured;
    }
    return seconds;
  } finally {
    await cloud.close();
  }
}

function fromEventToSilver(faults: FaultTable): Promise<number> {
  let publishedAtMs = 0;
  let files = 0;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const stop = faults.observe(({ operation, phase }) => {
    if (phase === 'before' && operation.startsWith('PUBLISH ')) publishedAtMs = performance.now();
    if (phase === 'after' && operation.startsWith('RENAME silver/tmdb/')) files += 1;
    if (files === tmdbTables.length) resolve((performance.now() - publishedAtMs) / 1000);
  });
  const timer = setTimeout(() => reject(new Error(`no silver ${timeoutMs / 1000} s after the event`)), timeoutMs);
  return promise.finally(() => {
    stop();
    clearTimeout(timer);
  });
}
