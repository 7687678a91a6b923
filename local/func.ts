/**
 * `npm run func`: the app under Azure's own Core Tools, against the same local cloud. Azurite holds the host's own state
 * (`AzureWebJobsStorage`); the lake and the database are our stand-ins.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { raiseCloud } from './cloud.ts';
import { defaultPort, portsFrom } from './settings.ts';
import { seedDatabase } from './youflix/seed.ts';

const root = join(import.meta.dirname, '..');
const func = findFunc();
if (func === undefined) {
  process.stderr.write(
    'Azure Functions Core Tools are not installed: expected `func` on the PATH or in node_modules.\n' +
      'Install them with `npm install --global azure-functions-core-tools@4` (it downloads a binary), or use `npm start`.\n',
  );
  process.exit(1);
}

const dataDir = resolve('.data');
mkdirSync(dataDir, { recursive: true });
const cloud = await raiseCloud({ dataDir, ports: portsFrom(defaultPort) });
process.stdout.write(`${await seedDatabase({ connection: cloud.connectionString, scale: 'small', seed: 1 })}\n`);

const azurite = spawn(
  'npx',
  ['--yes', 'azurite@3.37.0', '--silent', '--disableTelemetry', '--location', join(dataDir, 'azurite')],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
// Core Tools read local.settings.json of the app's folder only; what is set already wins, so the settings travel as variables.
const host = spawn(func, ['start', '--port', String(defaultPort)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...cloud.settings },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => host.kill(signal));
process.exitCode = await new Promise<number>(done => host.on('exit', code => done(code ?? 1)));
azurite.kill();
await cloud.close();

/** `func` of the project, or the one on the PATH. */
function findFunc(): string | undefined {
  const name = process.platform === 'win32' ? 'func.cmd' : 'func';
  const folders = [join(root, 'node_modules', '.bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map(folder => join(folder, name)).find(existsSync);
}
