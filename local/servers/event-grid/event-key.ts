import type { TopicEvent } from './topic-event.ts';

/** What an event has at a key, such as `subject` or `data.movie.title`; undefined where there is nothing. */
export function valueAt(event: TopicEvent, key: string): unknown {
  let value: unknown = event;
  for (const name of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
