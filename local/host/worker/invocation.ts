import type { AppRegistry, CoreInvocationContext } from './core-module.ts';
import type { LogLevel, RegisteredFunction, RpcRequest, RpcResponse } from './messages.ts';

/** One call of one function. */
export interface Invocation {
  readonly id: string;
  readonly functionId: string;
  readonly request: RpcRequest;
  /** Takes the place of the trigger's argument as the library decoded it. */
  readonly triggerArgument?: unknown;
}

/** What became of a call that succeeded. */
export interface InvocationResult {
  /** What the handler returned, before any conversion: object identity is intact. */
  readonly result: unknown;
  response(): Promise<RpcResponse>;
}

/** Runs invocations of one loaded app, with its hooks, in the order of the Azure worker (`InvocationHandler.ts`). */
export class Invoker {
  readonly #registry: AppRegistry;
  readonly #log: (level: LogLevel, category: string, message: string, functionName: string) => void;
  /** One object for all hooks of the app's life, as `appHookData` promises. */
  readonly appHookData: Record<string, unknown> = {};

  constructor(
    registry: AppRegistry,
    log: (level: LogLevel, category: string, message: string, functionName: string) => void,
  ) {
    this.#registry = registry;
    this.#log = log;
  }

  /** @throws whatever the handler or a hook threw, and an Error for a function that was never registered. */
  async run(invocation: Invocation): Promise<InvocationResult> {
    const registered = this.#registry.functions.get(invocation.functionId);
    const { model, hooks } = this.#registry;
    if (registered === undefined || model === undefined) {
      throw new Error(`function "${invocation.functionId}" is not registered in this worker`);
    }
    const coreContext = this.#coreContext(invocation, registered.metadata);
    const invocationModel = model.getInvocationModel(coreContext);
    const decoded = await invocationModel.getArguments();
    const inputs = 'triggerArgument' in invocation ? [invocation.triggerArgument] : decoded.inputs;

    // Hooks may replace arguments, handler, result and error: each is read back after they ran.
    const common = { hookData: {}, appHookData: this.appHookData, invocationContext: decoded.context };
    const before = { ...common, inputs, functionCallback: registered.handler };
    coreContext.state = 'preInvocationHooks';
    for (const hook of hooks.preInvocation) await hook(before);

    const after: Record<string, unknown> = { ...common, inputs: before.inputs, result: undefined, error: undefined };
    coreContext.state = 'invocation';
    try {
      after['result'] = await invocationModel.invokeFunction(decoded.context, before.inputs, before.functionCallback);
    } catch (error) {
      after['error'] = error;
    }
    coreContext.state = 'postInvocationHooks';
    for (const hook of hooks.postInvocation) await hook(after);
    const { result, error } = after;
    if (error !== undefined && error !== null) throw error;
    return { result, response: () => invocationModel.getResponse(decoded.context, result) };
  }

  #coreContext(invocation: Invocation, metadata: RegisteredFunction): CoreInvocationContext {
    return {
      invocationId: invocation.id,
      request: { ...invocation.request, invocationId: invocation.id },
      metadata,
      log: (level, category, message) => this.#log(level, category, message, metadata.name),
    };
  }
}
