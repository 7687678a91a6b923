import { valueAt } from './event-key.ts';
import type { TopicEvent } from './topic-event.ts';

/**
 * A condition on what an event has at a key, in the words of the management API. Keys: the properties of the event's own schema
 * (not `eventTime` or `time`), CloudEvents' extension attributes, and `data.…`. One of several values is enough.
 * Source: "Understand event filtering for Event Grid subscriptions", advanced filtering.
 */
export type AdvancedFilter = { readonly key: string } & (
  | { readonly operatorType: StringOperator; readonly values: readonly string[] }
  | { readonly operatorType: 'NumberIn' | 'NumberNotIn'; readonly values: readonly number[] }
  | { readonly operatorType: NumberComparison; readonly value: number }
  /** Both ends belong to a range. */
  | {
      readonly operatorType: 'NumberInRange' | 'NumberNotInRange';
      readonly values: readonly (readonly [from: number, to: number])[];
    }
  | { readonly operatorType: 'BoolEquals'; readonly value: boolean }
  | { readonly operatorType: 'IsNullOrUndefined' | 'IsNotNull' }
);

/** Texts are compared without regard to case. */
type StringOperator = `String${'' | 'Not'}${'In' | 'Contains' | 'BeginsWith' | 'EndsWith'}`;
type NumberComparison = `Number${'GreaterThan' | 'LessThan'}${'' | 'OrEquals'}`;

/**
 * Whether an event meets the condition. An operator with `Not` is the opposite of the one without: an event that has nothing at the
 * key, or something of another type, meets it.
 * @param intoArrays whether the elements of an array count, one by one
 */
export function passes(filter: AdvancedFilter, event: TopicEvent, intoArrays: boolean): boolean {
  const value = valueAt(event, filter.key);
  const candidates: readonly unknown[] = intoArrays && Array.isArray(value) ? value : [value];
  return candidates.some(candidate => fits(filter, candidate)) !== filter.operatorType.includes('Not');
}

function fits(filter: AdvancedFilter, candidate: unknown): boolean {
  switch (filter.operatorType) {
    case 'StringIn':
    case 'StringNotIn':
      return isText(candidate, filter.values, (text, value) => text === value);
    case 'StringContains':
    case 'StringNotContains':
      return isText(candidate, filter.values, (text, value) => text.includes(value));
    case 'StringBeginsWith':
    case 'StringNotBeginsWith':
      return isText(candidate, filter.values, (text, value) => text.startsWith(value));
    case 'StringEndsWith':
    case 'StringNotEndsWith':
      return isText(candidate, filter.values, (text, value) => text.endsWith(value));
    case 'NumberIn':
    case 'NumberNotIn':
      return typeof candidate === 'number' && filter.values.includes(candidate);
    case 'NumberGreaterThan':
      return typeof candidate === 'number' && candidate > filter.value;
    case 'NumberGreaterThanOrEquals':
      return typeof candidate === 'number' && candidate >= filter.value;
    case 'NumberLessThan':
      return typeof candidate === 'number' && candidate < filter.value;
    case 'NumberLessThanOrEquals':
      return typeof candidate === 'number' && candidate <= filter.value;
    case 'NumberInRange':
    case 'NumberNotInRange':
      return typeof candidate === 'number' && filter.values.some(([from, to]) => from <= candidate && candidate <= to);
    case 'BoolEquals':
      return candidate === filter.value;
    case 'IsNullOrUndefined':
    case 'IsNotNull':
      return candidate === undefined || candidate === null;
  }
}

function isText(
  candidate: unknown,
  values: readonly string[],
  test: (text: string, value: string) => boolean,
): boolean {
  if (typeof candidate !== 'string') return false;
  const text = candidate.toLowerCase();
  return values.some(value => test(text, value.toLowerCase()));
}
