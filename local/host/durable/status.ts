import type { HistoryEvent } from '../worker/messages.ts';
import { type EventName, eventType } from './history.ts';
import type { Instance } from './instance.ts';

/** What the caller of a status wants to see. */
export interface StatusOptions {
  readonly showInput: boolean;
  /** Events to show, when the caller asked for them. */
  readonly history?: readonly HistoryEvent[];
  readonly showHistoryOutput?: boolean;
}

const names = new Map<number, string>(Object.entries(eventType).map(([name, type]) => [type, name]));
const episodeMarks: readonly number[] = [eventType.OrchestratorStarted, eventType.OrchestratorCompleted];
const scheduled: readonly number[] = [
  eventType.TaskScheduled,
  eventType.SubOrchestrationInstanceCreated,
  eventType.TimerCreated,
];

/** An instance as the HTTP API shows it (EXT `StatusResponsePayload.cs`). */
export function statusBody(instance: Instance, options: StatusOptions): Record<string, unknown> {
  const events = options.history && shownEvents(options.history, options);
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: options.showInput ? value(instance.input) : null,
    customStatus: value(instance.customStatus),
    output: value(instance.output),
    createdTime: seconds(instance.createdAt),
    lastUpdatedTime: seconds(instance.updatedAt),
    // The service says `historyEvents`; the SDK reads `history` (durable-js issue 620). Both are given.
    ...(events === undefined ? {} : { historyEvents: events, history: events }),
  };
}

/** Without the marks of episodes; what scheduled a task is told with what ended it. */
function shownEvents(history: readonly HistoryEvent[], options: StatusOptions): Record<string, unknown>[] {
  const starts = new Map(
    history.filter(event => scheduled.includes(event.EventType)).map(event => [event.EventId, event]),
  );
  const ended = new Set(history.map(taskIdOf));
  return history
    .filter(event => !episodeMarks.includes(event.EventType))
    .filter(event => !(scheduled.includes(event.EventType) && ended.has(event.EventId)))
    .map(event => shown(event, starts.get(taskIdOf(event) ?? -1), options));
}

function shown(event: HistoryEvent, start: HistoryEvent | undefined, options: StatusOptions): Record<string, unknown> {
  const { EventType, EventId: _, IsPlayed: __, Result, Input, ...rest } = event;
  return {
    EventType: names.get(EventType) ?? String(EventType),
    ...rest,
    ...(start === undefined ? {} : { FunctionName: start['Name'], ScheduledTime: start.Timestamp }),
    ...(options.showHistoryOutput && Result !== undefined ? { Result: value(Result) } : {}),
    ...(options.showInput ? shownInput(start?.['Input'] ?? Input) : {}),
  } satisfies Record<string, unknown> & { EventType: EventName | string };
}

function shownInput(input: unknown): { Input?: unknown } {
  return input === undefined ? {} : { Input: value(input) };
}

function taskIdOf(event: HistoryEvent): number | undefined {
  const id = event['TaskScheduledId'] ?? event['TimerId'];
  return typeof id === 'number' ? id : undefined;
}

/** Stored text is JSON; what the host wrote itself (a reason) may be plain. */
function value(text: unknown): unknown {
  if (typeof text !== 'string') return text ?? null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Times without fractions, as the service gives them. */
function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
