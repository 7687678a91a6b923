/** Where an instance is in its life; the words of the HTTP API. */
export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** One orchestration instance as it is stored. Values that cross the app's boundary are JSON text; times are epoch milliseconds. */
export interface Instance {
  readonly id: string;
  /** New with every generation (`continueAsNew`) and every restart: what belongs to an older one is void. */
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  readonly input: string | null;
  readonly status: RuntimeStatus;
  readonly suspended: boolean;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who waits for this instance's end, if anybody. */
  readonly parent: TaskKey | null;
  readonly parentId: string | null;
  /** The id that the next task or timer of this execution takes. */
  readonly nextTaskId: number;
  /** Actions of the orchestrator that were carried out in earlier episodes. */
  readonly knownActions: number;
  /** Events in the history; the next one takes this position. */
  readonly historyLength: number;
  /** Events that the worker was sent in the last episode. */
  readonly deliveredLength: number;
}

/** Which task of which generation of an instance. */
export interface TaskKey {
  readonly executionId: string;
  readonly taskId: number;
}

/** How an activity or sub-orchestration is tried again (SDK `RetryOptions`). */
export interface RetryPolicy {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
}

/** What a task does, as stored: enough to start it again after a crash. */
export type TaskWork =
  | {
      readonly kind: 'activity';
      readonly name: string;
      readonly input: string | undefined;
      readonly retry?: RetryState;
    }
  | {
      readonly kind: 'sub-orchestration';
      readonly name: string;
      readonly input: string | undefined;
      readonly instanceId: string | undefined;
      readonly version: string | undefined;
      readonly retry?: RetryState;
    }
  | { readonly kind: 'http'; readonly request: HttpCall }
  | { readonly kind: 'timer' }
  /** Between two attempts of `again`; after the last one it fires at once and merely lets the failure through. */
  | { readonly kind: 'retry-timer'; readonly again: TaskWork | null };

/** How far the attempts of a task have come. */
export interface RetryState {
  readonly policy: RetryPolicy;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** A request by `context.df.callHttp`. */
export interface HttpCall {
  readonly method: string;
  readonly uri: string;
  readonly content?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenSource?: unknown;
  readonly asynchronousPatternEnabled?: boolean;
}

/** Something an instance waits for. */
export interface Task extends TaskKey {
  readonly instanceId: string;
  readonly work: TaskWork;
  /** When a timer is due; null for work that runs at once. */
  readonly dueAt: number | null;
  /** Position among the orchestrator's actions, by which it cancels a timer; null for what the host adds by itself. */
  readonly actionIndex: number | null;
}

/** How a task ended: JSON text or null on success, both texts on failure, since the SDK breaks without them. */
export type TaskResult =
  | { readonly ok: true; readonly result: string | null }
  | { readonly ok: false; readonly reason: string; readonly details: string; readonly failureDetails?: unknown };

/** Something that waits to be told to an instance, in the order it came. */
export type Message =
  | { readonly kind: 'start' }
  | { readonly kind: 'task'; readonly task: Task; readonly result: TaskResult }
  | { readonly kind: 'event'; readonly name: string; readonly input: string | undefined }
  | { readonly kind: 'suspended' | 'resumed'; readonly reason: string };

/** A message with its place in the queue. */
export interface QueuedMessage {
  readonly sequence: number;
  readonly message: Message;
}

/** Nothing more happens to an instance of this status. */
export function isEnded(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

/** Whether the app or the host must do something for it; timers and sub-orchestrations come to their end by themselves. */
export function isExecuted(task: Task): boolean {
  return task.work.kind === 'activity' || task.work.kind === 'http';
}
