/**
 * The Functions host as its own process, in place of `func start`:
 *
 *   node local/host/main.ts --script-root DIR --data DIR [--port 7071] [--settings local.settings.json] …
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startHost } from './host.ts';
import { createLog } from './log.ts';
import { mergeEnvironment, readLocalSettings } from './settings.ts';

const { values: flags } = parseArgs({
  options: {
    'script-root': { type: 'string', default: '.' },
    data: { type: 'string' },
    settings: { type: 'string' },
    port: { type: 'string', short: 'p' },
    address: { type: 'string' },
    cors: { type: 'string' },
    'cors-credentials': { type: 'boolean' },
    functions: { type: 'string', multiple: true },
    enableAuth: { type: 'boolean' },
    verbose: { type: 'boolean', default: false },
  },
  args: spreadFunctions(process.argv.slice(2)),
});
const log = createLog(line => process.stdout.write(`${line}\n`), { verbose: flags.verbose });

try {
  const scriptRoot = resolve(flags['script-root']);
  const settings = readLocalSettings(resolve(scriptRoot, flags.settings ?? 'local.settings.json'));
  const port = Number(flags.port ?? settings.port ?? 7071);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${flags.port}: expected a number from 0 to 65535`);
  const address = flags.address ?? settings.address;
  const cors = (flags.cors ?? settings.cors ?? '').split(',').filter(origin => origin !== '');
  const host = await startHost({
    scriptRoot,
    dataFolder: resolve(scriptRoot, flags.data ?? '.host-data'),
    port,
    ...(address === undefined ? {} : { address }),
    env: mergeEnvironment(process.env, settings.values, message => log.warning(message)),
    enableAuth: flags.enableAuth ?? false,
    ...(flags.functions === undefined ? {} : { functions: flags.functions }),
    cors: { origins: cors, credentials: flags['cors-credentials'] ?? settings.corsCredentials },
    log,
    onFatal: error => void end(1, error.message),
  });
  let ending = false;
  const end = async (code: number, message?: string): Promise<void> => {
    if (ending) return;
    ending = true;
    if (message !== undefined) log.error(message);
    await host.close();
    process.exit(code);
  };
  process.on('SIGTERM', () => void end(0));
  process.on('SIGINT', () => void end(0));
} catch (error) {
  log.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** `--functions a b` means both, as in `func start`; parseArgs wants the flag before each. */
function spreadFunctions(args: readonly string[]): string[] {
  const spread: string[] = [];
  let inList = false;
  for (const arg of args) {
    if (arg.startsWith('-')) inList = arg === '--functions';
    else if (inList && spread.at(-1) !== '--functions') spread.push('--functions');
    spread.push(arg);
  }
  return spread;
}
