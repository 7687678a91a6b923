import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DurableClient } from 'durable-functions';
import { type HostOptions, type RunningHost, startHost } from '../../../local/host/host.ts';
import { createLog } from '../../../local/host/log.ts';

/** A host for one of the fixture apps, with what it logged. */
export interface AppHost extends RunningHost {
  readonly lines: readonly string[];
  readonly dataFolder: string;
}

export type AppName = 'durable' | 'triggers' | 'glob' | 'empty' | 'broken' | 'entity' | 'streams';

export function appFolder(name: AppName): string {
  return fileURLToPath(new URL(`../../fixtures/host-apps/${name}`, import.meta.url));
}

/** Starts the host in this process, on any free port; without `dataFolder` it gets one that goes with it. */
export async function startApp(name: AppName, options: Partial<HostOptions> = {}): Promise<AppHost> {
  const lines: string[] = [];
  const dataFolder = options.dataFolder ?? temporaryFolder();
  const forget = (): void => {
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true });
  };
  try {
    const log = createLog(line => lines.push(line), { verbose: true });
    const env = { ...process.env, ...options.env };
    const host = await startHost({ scriptRoot: appFolder(name), port: 0, log, ...options, env, dataFolder });
    return { ...host, lines, dataFolder, close: () => host.close().then(forget) };
  } catch (error) {
    forget();
    throw error;
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'host-'));
}

/** Asks until the answer is no longer undefined. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(15);
  }
  throw new Error(`waited 20 s for: ${what}`);
}

/** The SDK's own client, as an app gets it; `viaPublicUrls` takes away the address that only apps know. */
export async function durableClient(
  host: RunningHost,
  { viaPublicUrls = false }: { readonly viaPublicUrls?: boolean } = {},
): Promise<DurableClient> {
  const response = await fetch(`${host.url}/api/clientData`);
  const { rpcBaseUrl, ...data } = (await response.json()) as Record<string, unknown>;
  return new Client(viaPublicUrls ? data : { ...data, rpcBaseUrl });
}

const { DurableClient: Client }: { DurableClient: new (data: unknown) => DurableClient } = createRequire(
  import.meta.url,
)('durable-functions/lib/src/durableClient/DurableClient');

/** Waits for the end of an instance and gives its status. */
export function ended(client: DurableClient, instanceId: string): ReturnType<DurableClient['getStatus']> {
  return until(`the end of ${instanceId}`, async () => {
    const status = await client.getStatus(instanceId, { showHistory: true, showHistoryOutput: true });
    return ['Completed', 'Failed', 'Terminated'].includes(status.runtimeStatus) ? status : undefined;
  });
}
