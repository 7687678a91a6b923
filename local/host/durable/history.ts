import type { HistoryEvent } from '../worker/messages.ts';
import type { Instance, Message, Task } from './instance.ts';

/** Event types of the Durable Task Framework (DTFX `History/EventType.cs`): those that this engine writes. */
export const eventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

/** An event by name, as status replies show it. */
export type EventName = keyof typeof eventType;

/** `at` is in epoch milliseconds; `taskId` is for the events that schedule something, the others carry -1. */
export function historyEvent(
  name: EventName,
  at: number,
  fields: Record<string, unknown> = {},
  taskId = -1,
): HistoryEvent {
  return { EventType: eventType[name], EventId: taskId, IsPlayed: false, Timestamp: iso(at), ...fields };
}

/** The event by which an orchestrator learns of `message`. */
export function eventOf(message: Message, instance: Instance, at: number): HistoryEvent {
  switch (message.kind) {
    case 'start':
      return historyEvent('ExecutionStarted', at, {
        Name: instance.name,
        Version: instance.version ?? '',
        Input: instance.input,
        OrchestrationInstance: { InstanceId: instance.id, ExecutionId: instance.executionId },
        ParentInstance:
          instance.parentId === null ? null : { OrchestrationInstance: { InstanceId: instance.parentId } },
        Tags: null,
      });
    case 'event':
      return historyEvent('EventRaised', at, { Name: message.name, Input: message.input });
    case 'suspended':
      return historyEvent('ExecutionSuspended', at, { Reason: message.reason });
    case 'resumed':
      return historyEvent('ExecutionResumed', at, { Reason: message.reason });
    case 'task':
      return taskEnded(message, at);
  }
}

function taskEnded({ task, result }: Extract<Message, { kind: 'task' }>, at: number): HistoryEvent {
  const { kind } = task.work;
  if (kind === 'timer' || kind === 'retry-timer') {
    return historyEvent('TimerFired', at, { TimerId: task.taskId, FireAt: iso(task.dueAt ?? at) });
  }
  const scheduled = { TaskScheduledId: task.taskId };
  const isChild = kind === 'sub-orchestration';
  if (result.ok) {
    const name = isChild ? 'SubOrchestrationInstanceCompleted' : 'TaskCompleted';
    return historyEvent(name, at, { ...scheduled, Result: result.result });
  }
  const { reason, details, failureDetails } = result;
  return historyEvent(isChild ? 'SubOrchestrationInstanceFailed' : 'TaskFailed', at, {
    ...scheduled,
    Reason: reason,
    Details: details,
    ...(failureDetails === undefined ? {} : { FailureDetails: failureDetails }),
  });
}

/** The event that records that `task` was set going. */
export function taskScheduled(task: Task, at: number): HistoryEvent {
  const { work, taskId } = task;
  switch (work.kind) {
    case 'activity':
      return historyEvent(
        'TaskScheduled',
        at,
        { Name: work.name, Version: '', Input: `[${work.input ?? ''}]` },
        taskId,
      );
    case 'http':
      return historyEvent(
        'TaskScheduled',
        at,
        { Name: 'BuiltIn::HttpActivity', Version: '', Input: JSON.stringify([work.request]) },
        taskId,
      );
    case 'sub-orchestration':
      return historyEvent(
        'SubOrchestrationInstanceCreated',
        at,
        { Name: work.name, Version: work.version ?? '', InstanceId: work.instanceId, Input: work.input ?? null },
        taskId,
      );
    case 'timer':
    case 'retry-timer':
      return historyEvent('TimerCreated', at, { FireAt: iso(task.dueAt ?? at) }, taskId);
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
