import { readFileSync } from 'node:fs';

/**
 * The most memory this process has had resident so far, in MiB. From /proc where there is one: the figure of `getrusage` starts
 * with what the parent had when it made the process.
 */
export function peakMemoryMiB(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
