/** Scripts of a bench as processes of their own, so that each side is measured with nothing of the other in it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

function start(script: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
}

/** The first line a script prints, as JSON. */
async function firstLine<T>(child: ChildProcess, script: string): Promise<T> {
  if (child.stdout === null) throw new Error(`${script}: no output to read`);
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as T;
  throw new Error(`${script} ended without a result`);
}

/** Runs a script that prints one JSON line, and ends. */
export async function measure<T>(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const child = start(script, args, env);
  const ended = new Promise(resolve => child.on('exit', resolve));
  const result = await firstLine<T>(child, script);
  await ended;
  return result;
}

/** Starts a script that prints one JSON line when it is ready and serves until its input is closed. */
export async function serve<T>(script: string, args: readonly string[]): Promise<{ ready: T; close(): Promise<void> }> {
  const child = start(script, args, {});
  const ended = new Promise(resolve => child.on('exit', resolve));
  const ready = await firstLine<T>(child, script);
  return {
    ready,
    async close() {
      child.stdin?.end();
      await ended;
    },
  };
}
