import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { appFolder, durableClient, ended, startApp, temporaryFolder, until } from './app-host.ts';

const main = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));
const folders: string[] = [];
const processes: ChildProcess[] = [];

afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const path = temporaryFolder();
  folders.push(path);
  return path;
}

interface HostProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly workerPid: number;
  readonly lines: readonly string[];
  readonly exited: Promise<number | null>;
}

/** The host as its own process; settles when it serves. */
async function startProcess(
  app: 'durable' | 'triggers',
  data: string,
  env: NodeJS.ProcessEnv = {},
): Promise<HostProcess> {
  const args = [main, '--script-root', appFolder(app), '--data', data, '--port', '0'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', line => lines.push(line));
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
  const url = await until('the URL', () => /http:\/\/localhost:\d+/.exec(lines.join('\n'))?.[0]);
  const status = (await (await fetch(`${url}/admin/host/status`)).json()) as { workerProcessId: number };
  return { child, url, workerPid: status.workerProcessId, lines, exited };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function entries(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split('\n');
}

const env = { HUB_NAME: 'CrashHub' };
const names = Array.from({ length: 8 }, (_, index) => `n${index}`);

async function startSlowFan(url: string, file: string): Promise<string> {
  writeFileSync(file, '');
  const body = JSON.stringify({ file, names, ms: 300 });
  const response = await fetch(`${url}/api/start/slowFan`, { method: 'POST', body });
  const { id } = (await response.json()) as { id: string };
  await until('the activities to begin', () => (entries(file).length >= 3 ? true : undefined));
  return id;
}

describe('kill -9', () => {
  it('of the host: the next one carries on, and no worker is left behind', async () => {
    const data = folder();
    const file = join(data, 'done.txt');
    const first = await startProcess('durable', data, env);
    const fan = await startSlowFan(first.url, file);
    const timer = await fetch(`${first.url}/api/start/timerThen`, { method: 'POST', body: '{"ms":700}' });
    const { id: timed } = (await timer.json()) as { id: string };
    first.child.kill('SIGKILL');
    await first.exited;
    await until('the worker to go', () => (isAlive(first.workerPid) ? undefined : true));

    const second = await startApp('durable', { dataFolder: data, env });
    const client = await durableClient(second);
    expect((await ended(client, fan)).output).toEqual(names);
    expect((await ended(client, timed)).output).toBe('fired');
    await second.close();
    const ends = entries(file).filter(line => line.startsWith('end'));
    expect(new Set(ends).size).toBe(names.length);
  });

  it('of the host, at many moments one after the other: all ends as it would have', async () => {
    const data = folder();
    const expected: Record<string, unknown> = {};
    for (const pauseMs of [0, 15, 40, 80, 130]) {
      const host = await startProcess('durable', data, env);
      const start = async (name: string, input: unknown, output: unknown): Promise<void> => {
        const response = await fetch(`${host.url}/api/start/${name}`, { method: 'POST', body: JSON.stringify(input) });
        expected[((await response.json()) as { id: string }).id] = output;
      };
      await Promise.all([
        start('fanOut', { count: 200 }, 19_900),
        start('again', { left: 10, turns: 0 }, 'done after 10'),
        start('family', 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        start('retryExhausted', null, expect.stringContaining('no luck')),
        start('timerThen', { ms: 50 }, 'fired'),
      ]);
      await sleep(pauseMs);
      host.child.kill('SIGKILL');
      await host.exited;
    }
    const host = await startApp('durable', { dataFolder: data, env });
    const client = await durableClient(host);
    const outputs = Object.keys(expected).map(async id => [id, (await ended(client, id)).output]);
    expect(Object.fromEntries(await Promise.all(outputs))).toEqual(expected);
    await host.close();
  });

  it('of the worker: another takes over, and running activities run again', async () => {
    const data = folder();
    const file = join(data, 'done.txt');
    const host = await startApp('durable', { dataFolder: data, env });
    const id = await startSlowFan(host.url, file);
    const client = await durableClient(host);
    const pid = host.workerPid();
    process.kill(Number(pid), 'SIGKILL');
    expect((await ended(client, id)).output).toEqual(names);
    expect(host.workerPid()).not.toBe(pid);
    expect(host.lines.join('\n')).toContain(`Worker process (pid ${pid}) exited unexpectedly: SIGKILL.`);
    await host.close();
  });

  it('again and again by the app itself: the host gives up', async () => {
    const host = await startProcess('durable', folder(), env);
    await fetch(`${host.url}/api/start/deadly`, { method: 'POST', body: 'null' });
    expect(await host.exited).toBe(1);
    expect(host.lines.join('\n')).toContain('giving up');
  });
});

describe('a worker that ends itself', () => {
  it('fails the call that was running, and is replaced', async () => {
    const host = await startApp('triggers', { env: { TICK: '0 0 0 1 1 *' } });
    expect((await fetch(`${host.url}/v1/exits`)).status).toBe(500);
    expect((await fetch(`${host.url}/v1/nothing`)).status).toBe(204);
    await host.close();
  });
});

describe('SIGTERM', () => {
  it('runs the appTerminate hooks and exits 0', async () => {
    const host = await startProcess('triggers', folder(), { TICK: '0 0 0 1 1 *' });
    host.child.kill('SIGTERM');
    expect(await host.exited).toBe(0);
    expect(host.lines.join('\n')).toContain('hook appTerminate');
    expect(isAlive(host.workerPid)).toBe(false);
  });
});

describe('two hosts', () => {
  it('cannot share a data folder', async () => {
    const data = folder();
    const host = await startApp('durable', { dataFolder: data, env });
    await expect(startApp('durable', { dataFolder: data, env })).rejects.toThrow(
      /does another host use this data folder/,
    );
    await host.close();
  });

  it('cannot share a port', async () => {
    const host = await startApp('durable', { env });
    await expect(startApp('durable', { env, port: host.port })).rejects.toThrow(`Port ${host.port} is unavailable`);
    await host.close();
  });
});
