/** `npm start` at small scale: from the command to all steps green, and the memory of all its processes together. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from './claim.ts';

export const name = 'start-command';
export const goal = 'all green within 15 s (anchor), all processes together under 1,024 MiB (anchor)';

const secondsGoal = 15;
const memoryGoalMiB = 1024;

export async function run(): Promise<readonly Measurement[]> {
  const data = mkdtempSync(join(tmpdir(), 'youflix-bench-'));
  const command = join(import.meta.dirname, '..', 'local', 'bootstrap.mjs');
  const flags = ['local/up.ts', '--once', '--json', '--data', data, '--port', '0'];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [command, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakMiB = 0;
  const watch = setInterval(() => {
    peakMiB = Math.max(peakMiB, treeMiB(child.pid ?? 0));
  }, 100);
  const code = await new Promise(resolve => child.on('exit', resolve));
  const seconds = (performance.now() - startedMs) / 1000;
  clearInterval(watch);
  rmSync(data, { recursive: true, force: true });
  if (code !== 0) throw new Error(`npm start exited with ${String(code)}`);
  return [
    {
      case: 'time',
      ours: seconds,
      anchor: secondsGoal,
      ratio: seconds / secondsGoal,
      unit: 's',
      ok: seconds <= secondsGoal,
    },
    {
      case: 'memory',
      ours: peakMiB,
      anchor: memoryGoalMiB,
      ratio: peakMiB / memoryGoalMiB,
      unit: 'MiB',
      ok: peakMiB < memoryGoalMiB,
    },
  ];
}

/** Resident memory of a process and all below it, from /proc (Linux; 0 elsewhere). Shared pages count once per process. */
function treeMiB(root: number): number {
  const parents = new Map<number, number>();
  const residentKiB = new Map<number, number>();
  let entries: string[];
  try {
    entries = readdirSync('/proc').filter(entry => /^\d+$/.test(entry));
  } catch {
    return 0;
  }
  for (const entry of entries) {
    try {
      const status = readFileSync(`/proc/${entry}/status`, 'utf8');
      parents.set(Number(entry), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      residentKiB.set(Number(entry), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid: number): boolean => pid === root || (parents.has(pid) && pid > 1 && below(parents.get(pid) ?? 0));
  return [...residentKiB].reduce((sum, [pid, kiB]) => (below(pid) ? sum + kiB : sum), 0) / 1024;
}
