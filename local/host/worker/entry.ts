/**
 * The worker process: loads the app and runs its functions when the host says so. It lives exactly as long as the channel to the
 * host, so a host that is killed leaves no orphan behind.
 */
import { createCoreModule, emptyRegistry } from './core-module.ts';
import { Invoker } from './invocation.ts';
import { loadApp } from './load-app.ts';
import type { FromWorker, LogLevel, RemoteError, ToWorker } from './messages.ts';
import { historyMissing, OrchestratorRunner } from './orchestration.ts';

const [scriptRoot = '.'] = process.argv.slice(2);
const registry = emptyRegistry();
const invoker = new Invoker(registry, log);
const orchestrators = new OrchestratorRunner(invoker);

process.on('disconnect', () => process.exit(1));
// Ctrl+C reaches the whole process group; the host decides when its worker ends.
process.on('SIGINT', () => {});
process.on('message', (message: ToWorker) => void handle(message));

Reflect.set(globalThis, Symbol.for('local-host.functions-core'), createCoreModule(registry, log));
await start();

async function start(): Promise<void> {
  try {
    await loadApp(scriptRoot);
    for (const hook of registry.hooks.appStart) await hook({ hookData: {}, appHookData: invoker.appHookData });
    const capabilities = (await registry.model?.getCapabilities({})) ?? {};
    const functions = [...registry.functions.values()].map(({ metadata }) => metadata);
    send({ kind: 'ready', functions, capabilities });
  } catch (error) {
    send({ kind: 'start-failed', error: describe(error) });
  }
}

async function handle(message: ToWorker): Promise<void> {
  if (message.kind === 'stop') return stop();
  const { id, functionId } = message;
  try {
    if (message.kind === 'invoke') {
      const invoked = await invoker.run({ id, functionId, request: message.request });
      send({ kind: 'invoked', id, response: await invoked.response() });
    } else {
      const outcome = await orchestrators.run(id, functionId, message.episode);
      send(outcome === historyMissing ? { kind: 'history-missing', id } : { kind: 'orchestrated', id, outcome });
    }
  } catch (error) {
    send({ kind: 'failed', id, error: describe(error) });
  }
}

async function stop(): Promise<void> {
  for (const hook of registry.hooks.appTerminate) {
    try {
      await hook({ hookData: {}, appHookData: invoker.appHookData });
    } catch (error) {
      log('error', 'system', `appTerminate hook failed: ${describe(error).message}`);
    }
  }
  // Only once this has gone out have the lines logged before it.
  process.send?.({ kind: 'stopped' } satisfies FromWorker, () => process.exit(0));
}

/** Passes a line to the host. The app's `log` hooks may rewrite what the app itself logged, and their errors count for nothing. */
function log(level: LogLevel, category: string, message: string, functionName?: string): void {
  const entry = { level, category, message };
  for (const hook of registry.hooks.log) {
    try {
      hook(category === 'user' ? entry : { ...entry });
    } catch {
      // A broken log hook must not break what it watches.
    }
  }
  send({ kind: 'log', ...entry, ...(functionName === undefined ? {} : { functionName }) });
}

function send(message: FromWorker): void {
  process.send?.(message);
}

function describe(error: unknown): RemoteError {
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}
