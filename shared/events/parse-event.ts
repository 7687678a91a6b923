/** Reading events that others bring: nothing of them is believed before it was looked at. */
import * as z from 'zod';
import { BadRecordError } from '../errors.ts';
import { type ListLandedEvent, lakeSource, listLandedSchema, listLandedType } from './list-landed.ts';

/** Ours have less than one. */
const maxEventBytes = 64 * 1024;

/** CloudEvents 1.0 in JSON ("CloudEvents Core Specification", required attributes), as far as we use it. */
const cloudEventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  type: z.literal(listLandedType),
  source: z.literal(lakeSource),
  subject: z.string(),
  time: z.iso.datetime({ offset: true }),
  sentat: z.iso.datetime({ offset: true }),
  data: listLandedSchema,
});

/** The same event in Azure's own form ("Azure Event Grid event schema"). */
const gridEventSchema = z.looseObject({
  id: z.string().min(1),
  eventType: z.literal(listLandedType),
  topic: z.string().min(1),
  subject: z.string(),
  eventTime: z.iso.datetime({ offset: true }),
  dataVersion: z.string(),
  data: listLandedSchema,
});

/** An event that was handed to a topic: it says when. */
export type SentEvent = ListLandedEvent & { readonly sentat: string };

/**
 * An event of type `youflix.tmdb.list-landed.v1` in either schema, as CloudEvent.
 * @throws BadRecordError `bad-event` with every reason
 */
export function parseEvent(json: unknown): SentEvent {
  if (Buffer.byteLength(JSON.stringify(json) ?? '') > maxEventBytes) throw badEvent(`more than ${maxEventBytes} bytes`);
  const isObject = typeof json === 'object' && json !== null;
  if (isObject && 'specversion' in json) {
    const { id, type, source, subject, time, sentat, data } = parsed(cloudEventSchema, json, 'CloudEvent');
    return { specversion: '1.0', id, type, source, subject, time, datacontenttype: 'application/json', sentat, data };
  }
  if (isObject && 'eventType' in json) {
    const event = parsed(gridEventSchema, json, 'Event Grid event');
    return {
      specversion: '1.0',
      id: event.id,
      type: event.eventType,
      source: event.topic,
      subject: event.subject,
      time: event.data.landedAt,
      datacontenttype: 'application/json',
      sentat: event.eventTime,
      data: event.data,
    };
  }
  throw badEvent('neither a CloudEvent (specversion) nor an Event Grid event (eventType)');
}

function parsed<T extends z.ZodType>(schema: T, json: object, kind: string): z.infer<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw badEvent(`no ${kind} of type ${listLandedType}: ${reasons.join('; ')}`);
}

function badEvent(reason: string): BadRecordError {
  return new BadRecordError(`event refused: ${reason}; docs/events/README.md says what is expected`, {
    code: 'bad-event',
  });
}
