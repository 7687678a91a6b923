import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AdvancedFilter } from './advanced-filters.ts';
import type { DeliveryHeader, EventSubscription } from './subscription.ts';

/** Subscriptions in a JSON file: an array of `EventSubscription`, within the limits that the service sets. */

/** Those of a whole subscription. Source: "Understand event filtering for Event Grid subscriptions", limitations. */
const most = { filters: 25, filterValues: 25, headers: 10 };

const stringOperator = z.enum([
  ...(['StringIn', 'StringContains', 'StringBeginsWith', 'StringEndsWith'] as const),
  ...(['StringNotIn', 'StringNotContains', 'StringNotBeginsWith', 'StringNotEndsWith'] as const),
]);
const lessOrGreater = [
  'NumberGreaterThan',
  'NumberGreaterThanOrEquals',
  'NumberLessThan',
  'NumberLessThanOrEquals',
] as const;

const text = z.string().min(1);
const key = z.string().regex(/^(?!(eventTime|time|metadataVersion|specversion|data)$)([A-Za-z0-9]+|data(\.[^.]+)+)$/, {
  error: 'expected id, subject, the type, another attribute that is no time, or a path such as data.list',
});
const range = z
  .tuple([z.number(), z.number()])
  .refine(([from, to]) => from <= to, { error: 'a range ends before it begins' });

const filter: z.ZodType<AdvancedFilter> = z.discriminatedUnion('operatorType', [
  z.strictObject({ key, operatorType: stringOperator, values: z.array(z.string().max(512)).min(1) }),
  z.strictObject({ key, operatorType: z.enum(['NumberIn', 'NumberNotIn']), values: z.array(z.number()).min(1) }),
  z.strictObject({ key, operatorType: z.enum(lessOrGreater), value: z.number() }),
  z.strictObject({ key, operatorType: z.enum(['NumberInRange', 'NumberNotInRange']), values: z.array(range).min(1) }),
  z.strictObject({ key, operatorType: z.literal('BoolEquals'), value: z.boolean() }),
  z.strictObject({ key, operatorType: z.enum(['IsNullOrUndefined', 'IsNotNull']) }),
]);

const headerName = z.string().regex(/^(?!aeg-|content-)[A-Za-z0-9!#$%&'*+.^_`|~-]+$/i, {
  error: 'expected the name of a header, none of aeg-… and content-…',
});
const header: z.ZodType<DeliveryHeader> = z.union([
  z.strictObject({ name: headerName, value: z.string().regex(/^[\t\x20-\x7e]*$/) }),
  z.strictObject({ name: headerName, sourceField: text }),
]);

const subscription: z.ZodType<EventSubscription> = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9-]{3,64}$/, { error: 'expected 3 to 64 letters, digits and hyphens' }),
  webhookUrl: z.url({ protocol: /^https?$/, error: 'expected an http or https address' }),
  topic: text,
  includedEventTypes: z.array(text).optional(),
  subjectBeginsWith: z.string().optional(),
  subjectEndsWith: z.string().optional(),
  isSubjectCaseSensitive: z.boolean().optional(),
  advancedFilters: z
    .array(filter)
    .max(most.filters)
    .refine(areFew, { error: `more than ${most.filterValues} values` })
    .optional(),
  enableAdvancedFilteringOnArrays: z.boolean().optional(),
  deliverySchema: z.enum(['eventgrid', 'cloudevents']).optional(),
  maxDeliveryAttempts: z.int().min(1).max(30).optional(),
  eventTimeToLiveInMinutes: z.int().min(1).max(1440).optional(),
  deadLetter: z.boolean().optional(),
  deliveryHeaders: z.array(header).max(most.headers).optional(),
  validate: z.boolean().optional(),
});

function areFew(filters: readonly AdvancedFilter[]): boolean {
  const counts = filters.map(filter => ('values' in filter ? filter.values.length : 1));
  return counts.reduce((sum, count) => sum + count, 0) <= most.filterValues;
}

/** @throws Error when the file is not there, is no JSON, or holds what is no subscription: every mistake, with its place */
export function readSubscriptions(file: string): EventSubscription[] {
  const where = `event grid: subscriptions in ${file}`;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${where}: expected a file with JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  const read = z.array(subscription).safeParse(value);
  if (!read.success) throw new Error(`${where}: expected an array of them:\n${z.prettifyError(read.error)}`);
  return read.data;
}
