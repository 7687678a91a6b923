/**
 * What host and worker say to each other over the child process's IPC channel. The data shapes inside (`RpcTypedData`,
 * `RpcRequest`, …) are those that `@azure/functions` expects of its worker (its `types-core/index.d.ts` and `src/converters`).
 */

/** One value on its way into or out of a function; at most one member is set, none means undefined. */
export interface RpcTypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: RpcHttp;
  readonly collectionString?: { readonly string: readonly string[] };
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
}

interface NullableString {
  readonly value: string;
}

/** A cookie of a response; an absent member is an attribute not sent. */
export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: NullableString;
  readonly path?: NullableString;
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly maxAge?: { readonly value: number };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: string;
}

/** A request on the way in (method, url, nullable maps) and a response on the way out (status code as text, headers). */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Record<string, NullableString>;
  readonly nullableParams?: Record<string, NullableString>;
  readonly nullableQuery?: Record<string, NullableString>;
  readonly statusCode?: string;
  readonly headers?: Record<string, string>;
  readonly cookies?: readonly RpcCookie[];
  readonly body?: RpcTypedData;
}

/** What a function is called with, by binding name. */
export interface RpcRequest {
  readonly inputData: readonly { readonly name: string; readonly data: RpcTypedData }[];
  readonly triggerMetadata?: Record<string, RpcTypedData>;
  readonly retryContext?: { readonly retryCount: number; readonly maxRetryCount: number };
}

/** What a function gave back: its return value and its extra outputs by binding name. */
export interface RpcResponse {
  readonly outputData?: readonly { readonly name: string; readonly data: RpcTypedData }[];
  readonly returnValue?: RpcTypedData | null;
}

/** One binding of a function; settings such as `route` or `schedule` depend on its type. */
export interface RpcBinding {
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly name: string;
  readonly properties?: Record<string, string>;
  readonly [setting: string]: unknown;
}

/** What the app said of one function when it registered it. */
export interface RegisteredFunction {
  readonly id: string;
  readonly name: string;
  readonly bindings: Record<string, RpcBinding>;
  readonly retryOptions?: RpcRetryOptions;
}

/** Durations as protobuf does them: whole seconds plus nanoseconds. */
export interface RpcDuration {
  readonly seconds?: number;
  readonly nanos?: number;
}

/** How often and when the host is to call a failed function again. */
export interface RpcRetryOptions {
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  /** -1 means for ever. */
  readonly maxRetryCount: number;
  readonly delayInterval?: RpcDuration;
  readonly minimumInterval?: RpcDuration;
  readonly maximumInterval?: RpcDuration;
}

/** One history event of an orchestration, as the Durable Task Framework writes it; only the common fields are named. */
export interface HistoryEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly IsPlayed: boolean;
  readonly Timestamp: string;
  readonly [field: string]: unknown;
}

/** One run of an orchestrator over its history, of which the worker keeps what it was sent before. */
export interface Episode {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  /** JSON text, or null for none. */
  readonly input: string | null;
  /** The worker must hold exactly this many events already; otherwise it answers `history-missing`. */
  readonly held: number;
  readonly events: readonly HistoryEvent[];
  /** Actions of earlier episodes, which need not be reported again. */
  readonly knownActions: number;
}

/** One action of an orchestrator as the durable SDK words it (sheet: `actionType` and the fields that go with it). */
export interface OrchestratorAction {
  readonly actionType: number;
  readonly [field: string]: unknown;
}

/** What an orchestrator said at the end of an episode. */
export interface EpisodeOutcome {
  readonly isDone: boolean;
  /** Compounds flattened, depth first; only those past `knownActions`. */
  readonly newActions: readonly OrchestratorAction[];
  /** Positions, among all actions of this execution, of the timers that are cancelled by now. */
  readonly cancelledTimers: readonly number[];
  /** A task was yielded twice: works here, but the Azure extension starts it twice (durable-js issue 574). */
  readonly repeatedTask: boolean;
  readonly output?: unknown;
  readonly customStatus?: unknown;
  /** Set when the orchestrator threw. */
  readonly error?: string;
  readonly failureDetails?: unknown;
}

/** Levels of the Functions runtime, lowest first. */
export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** An error that crossed the process boundary. */
export interface RemoteError {
  readonly message: string;
  readonly stack?: string;
}

/** From host to worker; every message with an id gets one answer. */
export type ToWorker =
  | { readonly kind: 'invoke'; readonly id: string; readonly functionId: string; readonly request: RpcRequest }
  | { readonly kind: 'orchestrate'; readonly id: string; readonly functionId: string; readonly episode: Episode }
  | { readonly kind: 'stop' };

/** From worker to host. */
export type FromWorker =
  | {
      readonly kind: 'ready';
      readonly functions: readonly RegisteredFunction[];
      readonly capabilities: Record<string, string>;
    }
  | { readonly kind: 'start-failed'; readonly error: RemoteError }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'invoked'; readonly id: string; readonly response: RpcResponse }
  | { readonly kind: 'orchestrated'; readonly id: string; readonly outcome: EpisodeOutcome }
  | { readonly kind: 'history-missing'; readonly id: string }
  | { readonly kind: 'failed'; readonly id: string; readonly error: RemoteError }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly category: string;
      readonly message: string;
      readonly functionName?: string;
    };
