/**
 * The Functions host as its own process, in place of `func start`:
 *
 *   node local/host/main.ts --script-root DIR --data DIR [--port 7071] [--address 127.0.0.1] [--settings FILE]
 *     [--functions a b …] [--enableAuth] [--cors a,b] [--cors-credentials] [--verbose]
 *
 * Exits 0 after SIGTERM or Ctrl+C, 1 when it cannot start or go on.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type HostOptions, startHost } from './host.ts';
import { createLog, type HostLog } from './log.ts';
import { mergeEnvironment, readLocalSettings } from './settings.ts';

const { values: flags, positionals } = parseArgs({
  options: {
    'script-root': { type: 'string', default: '.' },
    data: { type: 'string', default: '.data/host' },
    settings: { type: 'string', default: 'local.settings.json' },
    port: { type: 'string', short: 'p' },
    address: { type: 'string' },
    functions: { type: 'string' },
    enableAuth: { type: 'boolean', default: false },
    cors: { type: 'string' },
    'cors-credentials': { type: 'boolean' },
    verbose: { type: 'boolean', default: false },
  },
  // `--functions a b` leaves b to stand alone.
  allowPositionals: true,
});
const log = createLog(line => process.stdout.write(`${line}\n`), { verbose: flags.verbose });
const stopped = Promise.withResolvers<number>();
process.once('SIGTERM', () => stopped.resolve(0));
process.once('SIGINT', () => stopped.resolve(0));

try {
  const host = await startHost({
    ...readOptions(log),
    onFatal: error => {
      log.error(error.message);
      stopped.resolve(1);
    },
  });
  const exitCode = await stopped.promise;
  await host.close();
  process.exit(exitCode);
} catch (error) {
  log.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

/** What the command line says, over what local.settings.json says. @throws Error for a flag or file that makes no sense. */
function readOptions(log: HostLog): HostOptions {
  const scriptRoot = resolve(flags['script-root']);
  const settings = readLocalSettings(resolve(scriptRoot, flags.settings));
  const port = Number(flags.port ?? settings.port ?? 7071);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port ${flags.port ?? settings.port}: expected a number from 0 to 65535`);
  }
  if (flags.functions === undefined && positionals.length > 0) {
    throw new Error(
      `unexpected argument "${positionals[0]}"; to run only some functions write --functions ${positionals.join(' ')}`,
    );
  }
  const address = flags.address ?? settings.address;
  return {
    scriptRoot,
    dataFolder: resolve(scriptRoot, flags.data),
    port,
    ...(address === undefined ? {} : { address }),
    ...(flags.functions === undefined ? {} : { functions: [flags.functions, ...positionals] }),
    env: mergeEnvironment(process.env, settings.values, message => log.warning(message)),
    enableAuth: flags.enableAuth,
    cors: {
      origins: (flags.cors ?? settings.cors ?? '').split(',').filter(origin => origin !== ''),
      credentials: flags['cors-credentials'] ?? settings.corsCredentials,
    },
    log,
  };
}
