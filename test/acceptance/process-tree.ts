/** A process and all its descendants, as /proc shows them: Linux only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** False on other systems, where the other functions find nothing. */
export const hasProcessTree = existsSync('/proc/self/stat');

/** The ids of the process and of all its living descendants. */
export function processTree(rootPid: number): readonly number[] {
  if (!hasProcessTree) return [];
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    // After the command in parentheses, which may hold anything: state, parent (proc_pid_stat(5)).
    const [state, parent] = procFile(name, 'stat').split(') ').at(-1)?.split(' ') ?? [];
    if (state !== undefined && state !== 'Z') parents.set(Number(name), Number(parent));
  }
  const tree = parents.has(rootPid) ? [rootPid] : [];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Resident memory of these processes together; what they share counts for each. */
export function residentBytes(pids: readonly number[]): number {
  const kibibytes = pids.map(pid => Number(/^VmRSS:\s+(\d+) kB$/m.exec(procFile(String(pid), 'status'))?.[1] ?? 0));
  return kibibytes.reduce((sum, size) => sum + size, 0) * 1024;
}

/** Empty when the process has just ended. */
function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
