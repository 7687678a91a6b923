import type { FunctionDefinition } from './functions.ts';
import type { HostLog } from './log.ts';

/** Lists the functions as `func start` does. */
export function reportStart(
  functions: readonly FunctionDefinition[],
  invokeUrl: (fn: FunctionDefinition) => string | undefined,
  log: HostLog,
): void {
  log.plain('');
  log.plain('Functions:');
  log.plain('');
  for (const fn of functions) {
    const url = invokeUrl(fn);
    const methods = Array.isArray(fn.trigger['methods']) ? fn.trigger['methods'].join(',') : 'GET,POST';
    log.plain(`\t${fn.name}: ${url === undefined ? fn.trigger.type : `[${methods}] ${url}`}`);
    log.plain('');
  }
  log.plain('For detailed output, run func with --verbose flag.');
  for (const fn of functions) if (fn.disabled) log.info(`Function ${fn.name} is disabled.`);
}
