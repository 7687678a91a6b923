/** Starts the app under the local host and asks until it answers. Arguments: app folder, data folder. Prints the seconds. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { appSettings, portsFrom } from '../../local/settings.ts';

const [app = '.', data = '.'] = process.argv.slice(2);
const port = await freePort();
const settingsFile = join(data, 'local.settings.json');
// Nothing listens at the other ports: a wrong request is answered without a service.
writeFileSync(settingsFile, JSON.stringify({ Values: appSettings({ ...portsFrom(port) }, '') }));
const startedMs = performance.now();
const host = spawn(
  process.execPath,
  [
    join(import.meta.dirname, '..', '..', 'local', 'host', 'main.ts'),
    ...['--script-root', app, '--port', String(port), '--data', join(data, 'host'), '--settings', settingsFile],
  ],
  { stdio: 'ignore' },
);
while (!(await answers())) await sleep(2);
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - startedMs) / 1000 })}\n`);
host.kill('SIGKILL');

async function answers(): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/pipelines/none/runs`, { method: 'POST' });
    return response.status === 400;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
