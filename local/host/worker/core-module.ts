import type { LogLevel, RegisteredFunction, RpcRequest, RpcResponse } from './messages.ts';

/** The part of an invocation that `@azure/functions` reads (LIB `InvocationModel.ts`). */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: RpcRequest & { readonly invocationId: string };
  readonly metadata: RegisteredFunction;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';
  log(level: LogLevel, category: string, message: string): void;
}

/** A function as the app registered it: called with its arguments, the invocation context last. */
export type Handler = (...args: unknown[]) => unknown;

/** Turns requests into arguments and results into responses; supplied by `@azure/functions`. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): {
    getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
    invokeFunction(context: unknown, inputs: unknown[], handler: Handler): Promise<unknown>;
    getResponse(context: unknown, result: unknown): Promise<RpcResponse>;
  };
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
/** A moment at which the app may hook in. */
export type HookName = (typeof hookNames)[number];
/** A hook as `@azure/functions` wraps it; what it changes in its argument counts. */
export type Hook = (context: Record<string, unknown>) => unknown;

/** Everything the app registered while it loaded. */
export interface AppRegistry {
  model: ProgrammingModel | undefined;
  readonly functions: Map<string, { readonly metadata: RegisteredFunction; readonly handler: Handler }>;
  readonly hooks: Record<HookName, Hook[]>;
}

interface Registration {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: RegisteredFunction['bindings'];
  readonly retryOptions?: RegisteredFunction['retryOptions'];
}

/** An error of the host rather than of the app; the flag is what `@azure/functions` looks for. */
class SystemRangeError extends RangeError {
  override readonly name = 'RangeError';
  readonly isAzureFunctionsSystemError = true;
}

/** What `Disposable` of the core module promises: runs its function once, at `dispose()`. */
class Disposable {
  #dispose: (() => unknown) | undefined;

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => disposables.forEach(disposable => void disposable.dispose()));
  }

  dispose(): unknown {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    return dispose?.();
  }
}

/**
 * Makes the module `@azure/functions-core`, which exists in no registry: the worker supplies it and the library registers the
 * app's functions and hooks through it. Fills `registry` as the app loads.
 */
export function createCoreModule(
  registry: AppRegistry,
  log: (level: LogLevel, category: string, message: string) => void,
): Record<string, unknown> {
  return {
    version: '4.0.0',
    hostVersion: '4.1000.0',
    Disposable,
    log,
    setProgrammingModel(model: ProgrammingModel) {
      registry.model = model;
    },
    getProgrammingModel: () => registry.model,
    registerFunction(registration: Registration, handler: Handler) {
      const id = registration.functionId ?? registration.name;
      if (registry.functions.has(id)) {
        throw new SystemRangeError(
          `A function with id "${id}" has already been registered; give each function its own name.`,
        );
      }
      const { functionId: _, ...rest } = registration;
      registry.functions.set(id, { metadata: { ...rest, id }, handler });
      return new Disposable(() => registry.functions.delete(id));
    },
    registerHook(name: string, callback: Hook) {
      const hooks = isHookName(name) ? registry.hooks[name] : undefined;
      if (hooks === undefined)
        throw new SystemRangeError(`Unrecognized hook "${name}"; known: ${hookNames.join(', ')}.`);
      hooks.push(callback);
      return new Disposable(() => hooks.splice(hooks.indexOf(callback), 1));
    },
  };
}

/** A registry of an app that has not loaded yet. */
export function emptyRegistry(): AppRegistry {
  return {
    model: undefined,
    functions: new Map(),
    hooks: { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] },
  };
}

function isHookName(name: string): name is HookName {
  return (hookNames as readonly string[]).includes(name);
}
