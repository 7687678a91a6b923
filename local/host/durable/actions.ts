import type { OrchestratorAction } from '../worker/messages.ts';
import type { HttpCall, RetryPolicy, TaskWork } from './instance.ts';

/** What the app registered, matched without regard to case. */
export interface KnownFunctions {
  hasActivity(name: string): boolean;
  hasOrchestrator(name: string): boolean;
}

/** Work that has no task id yet. */
export interface NewWork {
  readonly work: TaskWork;
  /** For timers, in epoch milliseconds. */
  readonly dueAt: number | null;
}

/** What the engine does about one action. */
export type ActionEffect =
  | ({ readonly kind: 'task' } & NewWork)
  | { readonly kind: 'continue-as-new'; readonly input: string | null }
  /** Nothing to start and no id taken: waiting for an event. */
  | { readonly kind: 'none' }
  /** The orchestration fails, with this reason. */
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Action numbers of the SDK (`actions/ActionType`). */
const actionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callHttp: 8,
} as const;

/** Reads an action of an orchestrator. Activities and `continueAsNew` carry text input as JSON already, the others do not. */
export function workOf(action: OrchestratorAction, known: KnownFunctions): ActionEffect {
  const name = String(action['functionName']);
  switch (action.actionType) {
    case actionType.callActivity:
    case actionType.callActivityWithRetry:
      if (!known.hasActivity(name)) return missing('activity', name);
      return task({ kind: 'activity', name, input: encodedText(action['input']), ...retry(action) });
    case actionType.callSubOrchestrator:
    case actionType.callSubOrchestratorWithRetry:
      if (!known.hasOrchestrator(name)) return missing('orchestrator', name);
      return task({
        kind: 'sub-orchestration',
        name,
        input: JSON.stringify(action['input']),
        instanceId: optionalText(action['instanceId']),
        version: optionalText(action['version']),
        ...retry(action),
      });
    case actionType.continueAsNew:
      return { kind: 'continue-as-new', input: encodedText(action['input']) ?? null };
    case actionType.createTimer:
      return { ...task({ kind: 'timer' }), dueAt: Date.parse(String(action['fireAt'])) };
    case actionType.waitForExternalEvent:
      return { kind: 'none' };
    case actionType.callHttp:
      return callHttp(action['httpRequest'] as HttpCall);
    default:
      return {
        kind: 'unsupported',
        reason: `action ${action.actionType} is not supported by this host, which has no durable entities`,
      };
  }
}

function task(work: TaskWork): { kind: 'task' } & NewWork {
  return { kind: 'task', work, dueAt: null };
}

function callHttp(request: HttpCall): ActionEffect {
  if (request.tokenSource !== undefined) {
    return { kind: 'unsupported', reason: 'callHttp with a token source is not supported by this host' };
  }
  return task({ kind: 'http', request });
}

function missing(kind: string, name: string): ActionEffect {
  return {
    kind: 'unsupported',
    reason: `The function '${name}' doesn't exist, is disabled, or is not an ${kind} function.`,
  };
}

function retry(action: OrchestratorAction): { retry?: { policy: RetryPolicy; attempt: number } } {
  const policy = action['retryOptions'] as RetryPolicy | undefined;
  return policy === undefined ? {} : { retry: { policy, attempt: 1 } };
}

function encodedText(input: unknown): string | undefined {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
