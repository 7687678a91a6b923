import { resolveSettings } from './host-config.ts';
import type { RegisteredFunction, RpcBinding, RpcRetryOptions } from './worker/messages.ts';

/** A function as the host sees it: found by its trigger, with settings in its bindings resolved. */
export interface FunctionDefinition {
  readonly id: string;
  readonly name: string;
  readonly trigger: RpcBinding;
  /** Lower-cased type of the trigger, such as `httptrigger`. */
  readonly triggerType: string;
  readonly bindings: readonly RpcBinding[];
  readonly retryOptions: RpcRetryOptions | undefined;
  readonly disabled: boolean;
}

/** Which functions to run, and with what settings. */
export interface FunctionSelection {
  /** Only these names, when given (`--functions`). */
  readonly only: readonly string[] | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Turns what the app registered into definitions.
 *
 * @throws Error for a selected name that nobody registered, for a function without a trigger, for an entity, for one that asks
 *   for SDK-type bindings, and when nothing is registered at all: then the app did not meet its host, and running on would look
 *   like success.
 */
export function defineFunctions(
  registered: readonly RegisteredFunction[],
  selection: FunctionSelection,
): FunctionDefinition[] {
  if (registered.length === 0) {
    throw new Error(
      'No job functions found: the app loaded but registered no function. Check that "main" in package.json matches the built ' +
        'files, that they call app.http, app.timer, df.app.orchestration, …, and that a bundle leaves "@azure/functions-core" external.',
    );
  }
  const names = registered.map(fn => fn.name);
  const only = selection.only ?? names;
  const unknown = only.filter(name => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`--functions: the app has no ${unknown.join(', ')}; it registered ${names.join(', ')}`);
  }
  return registered.filter(fn => only.includes(fn.name)).map(fn => define(fn, selection.env));
}

function define(fn: RegisteredFunction, env: NodeJS.ProcessEnv): FunctionDefinition {
  const bindings = Object.entries(fn.bindings).map(([name, binding]) => resolveBinding({ ...binding, name }, env));
  const trigger = bindings.find(binding => /trigger$/i.test(binding.type));
  if (trigger === undefined) {
    throw new Error(`function "${fn.name}" has no trigger; its bindings are: ${bindings.map(b => b.type).join(', ')}`);
  }
  if (/^entityTrigger$/i.test(trigger.type)) {
    throw new Error(
      `function "${fn.name}" is a durable entity, which this host does not run; keep such state in an orchestration`,
    );
  }
  if (bindings.some(binding => binding.properties?.['supportsDeferredBinding'] === 'true')) {
    throw new Error(
      `function "${fn.name}" asks for SDK-type bindings (sdkBinding: true), which this host does not supply`,
    );
  }
  return {
    id: fn.id,
    name: fn.name,
    trigger,
    triggerType: trigger.type.toLowerCase(),
    bindings,
    retryOptions: heedsRetry(trigger.type) ? fn.retryOptions : undefined,
    disabled: isTrue(env[`AzureWebJobs.${fn.name}.Disabled`]) || isTrue(env[`AzureWebJobs_${fn.name}_Disabled`]),
  };
}

/** As the real host: the retry policy of a function counts for these triggers only. */
function heedsRetry(triggerType: string): boolean {
  return /^(timer|eventHub)Trigger$/i.test(triggerType);
}

function resolveBinding(binding: RpcBinding, env: NodeJS.ProcessEnv): RpcBinding {
  const resolved = Object.entries(binding).map(([key, value]) => [
    key,
    typeof value === 'string' ? resolveSettings(value, env) : value,
  ]);
  return Object.fromEntries(resolved);
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(true|1)$/i.test(value);
}
