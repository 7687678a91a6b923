/**
 * Starts an app under the local host, then ends its worker process several times and measures from there to the next HTTP answer:
 * the host is up already, as in Azure, and only the app's own process starts. Arguments: app folder, data folder, times.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { appSettings, portsFrom } from '../../local/settings.ts';

const [app = '.', data = '.', times = '1'] = process.argv.slice(2);
const port = await freePort();
const settingsFile = join(data, 'local.settings.json');
// Nothing listens at the other ports: a wrong request is answered without a service.
writeFileSync(settingsFile, JSON.stringify({ Values: appSettings(portsFrom(port), '') }));
const main = join(import.meta.dirname, '..', '..', 'local', 'host', 'main.ts');
const host = spawn(
  process.execPath,
  [main, '--script-root', app, '--port', String(port), '--data', join(data, 'host'), '--settings', settingsFile],
  { stdio: 'ignore' },
);
await answer();
const seconds: number[] = [];
for (let time = 0; time < Number(times); time++) {
  process.kill(await workerPid(), 'SIGKILL');
  const startedMs = performance.now();
  await answer();
  seconds.push((performance.now() - startedMs) / 1000);
}
process.stdout.write(`${JSON.stringify({ seconds })}\n`);
host.kill('SIGTERM');

/** Asks until the app has answered; a request of a worker that just died fails at once. */
async function answer(): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/pipelines/none/runs`, { method: 'POST' });
      if (response.status === 400) return;
    } catch {
      // The host is not up yet.
    }
    await sleep(2);
  }
}

async function workerPid(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/admin/host/status`);
  return ((await response.json()) as { workerProcessId: number }).workerProcessId;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
