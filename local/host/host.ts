import { resolve } from 'node:path';
import { AdminApi } from './admin.ts';
import { clientBinding, type DurableAddress } from './durable/client-binding.ts';
import { DurableEngine } from './durable/engine.ts';
import { DurableHttpApi } from './durable/http-api.ts';
import { DurableInstances } from './durable/instances.ts';
import { AppRunner } from './durable/runner.ts';
import { DurableStore } from './durable/store.ts';
import { EventGridWebhook } from './event-grid.ts';
import { createFront } from './front.ts';
import { defineFunctions, type FunctionDefinition } from './functions.ts';
import { readHostConfig } from './host-config.ts';
import type { HttpMessage, HttpReply } from './http-message.ts';
import { type CorsPolicy, listen } from './http-server.ts';
import { httpRoutes } from './http-trigger.ts';
import { FunctionInvoker } from './invoker.ts';
import { loadKeys } from './keys.ts';
import type { HostLog } from './log.ts';
import { startPumps } from './pumps.ts';
import { reportStart } from './start-report.ts';
import type { LogLevel } from './worker/messages.ts';
import type { WorkerOptions } from './worker-process.ts';
import { WorkerSupervisor } from './worker-supervisor.ts';

/** How to run an app. */
export interface HostOptions {
  /** Folder of the app: host.json, package.json and the built files. */
  readonly scriptRoot: string;
  /** Durable state and keys are kept here. */
  readonly dataFolder: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly address?: string;
  /** Environment of the app, its settings included. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly enableAuth?: boolean;
  /** Only these functions are run. */
  readonly functions?: readonly string[];
  readonly cors?: CorsPolicy;
  readonly log: HostLog;
  /** Called when the host can go on no longer; close it. */
  readonly onFatal?: (error: Error) => void;
}

/** A host that serves. */
export interface RunningHost {
  /** Such as `http://localhost:7071`. */
  readonly url: string;
  readonly port: number;
  /** Of the worker of this moment; undefined while one is being started. */
  workerPid(): number | undefined;
  /** Stops taking work, runs the app's `appTerminate` hooks, ends the worker. What was running is begun again at the next start. */
  close(): Promise<void>;
}

/**
 * Starts a Functions host for the app in `scriptRoot`, with the app in a child process. Requests that come while the app still
 * loads wait for it.
 *
 * @throws Error when the port is taken, a configuration file is wrong, the app does not load, or it registers no function.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { log } = options;
  const scriptRoot = resolve(options.scriptRoot);
  const front = Promise.withResolvers<(request: HttpMessage) => Promise<HttpReply>>();
  // The port first: the app is told of it, and one that is taken should stop everything before the app does any work.
  const server = await listen({
    address: options.address ?? '127.0.0.1',
    port: options.port,
    cors: options.cors ?? { origins: [], credentials: false },
    log,
    handle: async request => (await front.promise)(request),
  });
  // What is started is stopped again when a later step fails.
  await using undo = new AsyncDisposableStack();
  undo.defer(() => server.close());

  const env = appEnvironment(options.env ?? process.env, scriptRoot, server.port);
  const config = readHostConfig(scriptRoot, env);
  const store = new DurableStore(options.dataFolder, config.hubName);
  undo.defer(() => store.close());
  const { supervisor, worker } = await WorkerSupervisor.start(workerOptions(scriptRoot, env, log), log, error =>
    options.onFatal?.(error),
  );
  undo.defer(() => supervisor.stop());
  if (worker.capabilities['HttpUri'] !== undefined) {
    throw new Error(
      'app.setup({ enableHttpStream: true }) is not supported by this host: leave it out when running locally.',
    );
  }
  const functions = defineFunctions(worker.functions, { only: options.functions, env });
  const url = `http://localhost:${server.port}`;
  const keys = loadKeys(options.dataFolder);
  const address: DurableAddress = {
    origin: url,
    rpcOrigin: `http://127.0.0.1:${server.port}`,
    hubName: config.hubName,
    key: keys.system['durabletask_extension'] ?? keys.master,
  };
  const durableClient = { string: JSON.stringify(clientBinding(address)) };
  const invoker = new FunctionInvoker(supervisor, log, type => (isDurableClient(type) ? durableClient : undefined));

  const runner = new AppRunner(functions, invoker);
  const engine = new DurableEngine(store, runner, config, log);
  const routes = httpRoutes(functions, config.routePrefix);
  const invokeUrl = (fn: FunctionDefinition): string | undefined => {
    const route = routes.find(candidate => candidate.fn === fn);
    return route && `${url}/${[config.routePrefix, route.template].filter(part => part !== '').join('/')}`;
  };
  reportStart(functions, invokeUrl, log);
  front.resolve(
    createFront({
      routes,
      invoker,
      keys,
      enableAuth: options.enableAuth ?? false,
      durable: new DurableHttpApi(engine, new DurableInstances(engine), runner, address),
      eventGrid: new EventGridWebhook(functions, invoker),
      admin: new AdminApi({ functions, invoker, origin: url, scriptRoot, invokeUrl, workerPid: () => supervisor.pid }),
    }),
  );

  const pumps = startPumps(functions, { invoker, env, log });
  engine.start();
  undo.move();
  return {
    url,
    port: server.port,
    workerPid: () => supervisor.pid,
    async close() {
      await server.close();
      await pumps.stop();
      engine.stop();
      await supervisor.stop();
      store.close();
    },
  };
}

function workerOptions(scriptRoot: string, env: NodeJS.ProcessEnv, log: HostLog): WorkerOptions {
  return {
    scriptRoot,
    env,
    execArgv: (env['languageWorkers__node__arguments'] ?? '').split(' ').filter(argument => argument !== ''),
    onLog: ({ level, message }) => log[methodOf[level]](message),
    onOutput: line => log.info(line),
  };
}

const methodOf = {
  trace: 'debug',
  debug: 'debug',
  information: 'info',
  none: 'info',
  warning: 'warning',
  error: 'error',
  critical: 'error',
} as const satisfies Record<LogLevel, keyof HostLog>;

/** What `func start` sets for every app; the SDK builds its own links from WEBSITE_HOSTNAME. */
function appEnvironment(env: NodeJS.ProcessEnv, scriptRoot: string, port: number): NodeJS.ProcessEnv {
  return {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsScriptRoot: scriptRoot,
    ...env,
    WEBSITE_HOSTNAME: `localhost:${port}`,
  };
}

function isDurableClient(bindingType: string): boolean {
  return /^(durableClient|orchestrationClient)$/i.test(bindingType);
}
