import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** The settings of host.json that this host heeds; every other key is ignored, as the real host does. */
export interface HostConfig {
  /** Between the host's address and a function's route; may be empty. */
  readonly routePrefix: string;
  readonly hubName: string;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
}

type Json = Record<string, unknown>;

/**
 * Reads host.json of `scriptRoot` and lays `AzureFunctionsJobHost__a__b=value` of `env` over it. `%NAME%` in a value is replaced
 * by that setting.
 *
 * @throws Error when the file is missing or is no JSON, or a value that is heeded has the wrong type.
 */
export function readHostConfig(scriptRoot: string, env: NodeJS.ProcessEnv): HostConfig {
  const path = join(scriptRoot, 'host.json');
  const root = withOverrides(parse(path), env);
  const durable = 'extensions.durableTask';
  const text = (key: string, fallback: string): string => {
    const value = find(root, key) ?? fallback;
    if (typeof value !== 'string')
      throw new Error(`${path}: "${key}" must be a string, found ${JSON.stringify(value)}`);
    return resolveSettings(value, env);
  };
  const count = (key: string, fallback: number): number => {
    const value = Number(find(root, key) ?? fallback);
    if (!Number.isInteger(value) || value < 1) {
      throw new Error(`${path}: "${key}" must be a whole number above 0, found ${JSON.stringify(find(root, key))}`);
    }
    return value;
  };
  const perMachine = 10 * availableParallelism();
  return {
    routePrefix: text('extensions.http.routePrefix', 'api').replace(/^\/+|\/+$/g, ''),
    hubName: text(`${durable}.hubName`, env['WEBSITE_SITE_NAME'] ?? 'TestHubName'),
    maxConcurrentActivities: count(`${durable}.maxConcurrentActivityFunctions`, perMachine),
    maxConcurrentOrchestrators: count(`${durable}.maxConcurrentOrchestratorFunctions`, perMachine),
  };
}

/** Replaces each `%NAME%` by the setting of that name; an unknown name stays as it is. */
export function resolveSettings(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(/%([^%\s]+)%/g, (whole, name: string) => env[name] ?? whole);
}

function parse(path: string): Json {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path}: cannot be read as JSON: ${reason}; a function app needs at least {"version":"2.0"}`, {
      cause: error,
    });
  }
}

function withOverrides(root: Json, env: NodeJS.ProcessEnv): Json {
  const prefix = /^AzureFunctionsJobHost(?:__|:)/i;
  for (const [name, value] of Object.entries(env)) {
    if (!prefix.test(name)) continue;
    const path = name.replace(prefix, '').split(/__|:/);
    let node = root;
    for (const step of path.slice(0, -1)) {
      const key = sameName(node, step);
      const child = node[key];
      node[key] = typeof child === 'object' && child !== null ? child : {};
      node = node[key] as Json;
    }
    const leaf = path.at(-1);
    if (leaf !== undefined) node[sameName(node, leaf)] = value;
  }
  return root;
}

function find(root: Json, path: string): unknown {
  let node: unknown = root;
  for (const step of path.split('.')) {
    if (typeof node !== 'object' || node === null) return undefined;
    const object = node as Json;
    node = object[sameName(object, step)];
  }
  return node;
}

/** Names in host.json are read without regard to case. */
function sameName(node: Json, name: string): string {
  return Object.keys(node).find(key => key.toLowerCase() === name.toLowerCase()) ?? name;
}
