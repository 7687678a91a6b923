/** The app under the Functions host stand-in, as a process of its own that can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface AppProcessOptions {
  readonly port: number;
  /** Durable state and keys. */
  readonly dataDir: string;
  readonly settingsFile: string;
  readonly logFile: string;
  /** The file of the local certificate authority, which the app's SQL driver must trust. */
  readonly certificateAuthority: string;
  /** How long the app may take until it answers. Default 30 s. */
  readonly startTimeoutMs?: number;
}

export interface AppProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone, with its exit code (null after a kill). */
  readonly exited: Promise<number | null>;
  /** Asks it to stop, as Ctrl+C does. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut does; its worker goes with it. */
  kill(): Promise<void>;
}

/** @throws Error with the end of the log when the app exits, or does not answer in time */
export async function startApp(options: AppProcessOptions): Promise<AppProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  let tail = '';
  const child: ChildProcess = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'local', 'host', 'main.ts'),
      ...['--script-root', projectRoot],
      ...['--port', String(options.port)],
      ...['--data', options.dataDir],
      ...['--settings', options.settingsFile],
    ],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Not only in the settings file: a variable that is already set wins over it, and this one may be.
      env: { ...process.env, NODE_EXTRA_CA_CERTS: options.certificateAuthority },
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => {
      tail = (tail + text.toString('utf8')).slice(-4000);
      log.write(text);
    });
  }
  const exited = new Promise<number | null>(resolve => {
    child.on('exit', code => {
      log.end();
      resolve(code);
    });
  });
  let gone = false;
  exited.then(() => {
    gone = true;
  });

  const url = `http://127.0.0.1:${options.port}`;
  const deadline = Date.now() + (options.startTimeoutMs ?? 30_000);
  let workerPid = await readyWorker(url);
  while (workerPid === undefined) {
    if (gone) throw new Error(`the app exited before it answered; the end of ${options.logFile}:\n${tail}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the app did not answer at ${url} in time; the end of ${options.logFile}:\n${tail}`);
    }
    await sleep(25);
    workerPid = await readyWorker(url);
  }
  const worker = workerPid;
  return {
    url,
    pid: child.pid ?? 0,
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
    async kill() {
      // The worker would notice by itself that its host is gone, but a moment later: a power cut does not wait.
      killIfAlive(worker);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The worker's process id once the host serves, undefined before. */
async function readyWorker(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/admin/host/status`);
    return response.ok
      ? (((await response.json()) as { workerProcessId: number | null }).workerProcessId ?? undefined)
      : undefined;
  } catch {
    return undefined;
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already, and that is what was wanted.
  }
}
