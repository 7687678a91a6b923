/**
 * The local Functions host: one orchestration that fans out over 1,000 trivial activities, from the call that starts it to the
 * status that says Completed, state on disk throughout. The anchor is a figure, not a program.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost } from '../local/host/host.ts';
import { createLog } from '../local/host/log.ts';
import { type Measurement, median } from './claim.ts';

export const name = 'host-fanout';
export const goal = 'at least 200 activities/s';

const anchor = 200;
const activities = 1000;
const rounds = 3;

export async function run(): Promise<Measurement> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'host-fanout-'));
  const scriptRoot = fileURLToPath(new URL('../test/fixtures/host-apps/durable', import.meta.url));
  const log = createLog(() => {}, { verbose: false });
  const host = await startHost({ scriptRoot, dataFolder, port: 0, log, env: { ...process.env, HUB_NAME: 'Bench' } });
  try {
    await fanOut(host.url);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) rates.push(await fanOut(host.url));
    const ours = median(rates);
    return { ours, anchor, ratio: ours / anchor, unit: 'activities/s', ok: ours >= anchor };
  } finally {
    await host.close();
    rmSync(dataFolder, { recursive: true });
  }
}

/** Activities per second of one orchestration. */
async function fanOut(url: string): Promise<number> {
  const started = performance.now();
  const body = JSON.stringify({ count: activities });
  const response = await fetch(`${url}/api/start/fanOut`, { method: 'POST', body });
  const { statusQueryGetUri } = (await response.json()) as { statusQueryGetUri: string };
  for (;;) {
    const status = await fetch(statusQueryGetUri);
    const { runtimeStatus, output } = (await status.json()) as { runtimeStatus: string; output: unknown };
    if (runtimeStatus === 'Completed') return activities / ((performance.now() - started) / 1000);
    if (status.status !== 202)
      throw new Error(`${name}: the orchestration ended as ${runtimeStatus}: ${JSON.stringify(output)}`);
    await sleep(10);
  }
}
