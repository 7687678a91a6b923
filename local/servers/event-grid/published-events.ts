import { readCloudEvent } from './cloud-event.ts';
import { badRequest, EventGridError } from './errors.ts';
import { readGridEvent } from './grid-event.ts';
import { type TopicOptions, topicId } from './topic.ts';
import type { TopicEvent } from './topic-event.ts';

/** Which of array and object a body must be, by its content type. */
const shapes: Readonly<Record<TopicOptions['schema'], Readonly<Record<string, 'array' | 'object'>>>> = {
  eventgrid: { 'application/json': 'array' },
  cloudevents: {
    'application/cloudevents-batch+json': 'array',
    'application/cloudevents+json': 'object',
    'application/json': 'object',
  },
};

/** As the service names them in its messages. */
const schemaNames = { eventgrid: 'EventGridEvent', cloudevents: 'CloudEventV10' };

/**
 * Reads the body of a publish request: all of its events, or none. Differs: numbers beyond a double are rounded.
 * Sources: "Publish events to Event Grid custom topics using access keys"; CloudEvents HTTP binding 1.0, sections 3.2 and 3.3.
 * @throws EventGridError 400
 */
export function readEvents(body: Buffer, contentType: string | undefined, topic: TopicOptions): TopicEvent[] {
  const { schema } = topic;
  const refuse = (why: string): EventGridError =>
    badRequest(`This resource is configured to receive event in '${schemaNames[schema]}' schema. ${why}.`);
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  const expected = shapes[schema][type];
  if (expected === undefined) {
    throw refuse(`It takes the content types ${Object.keys(shapes[schema]).join(', ')}, not ${type}`);
  }
  const parsed = parse(body);
  const given = Array.isArray(parsed) ? 'array' : parsed === null ? 'null' : typeof parsed;
  if (given !== expected) throw refuse(`Expected an ${expected} in ${type}, got ${given}`);
  const values: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (values.length === 0) throw refuse('Expected at least one event');
  return values.map((value, at) => {
    try {
      return readEvent(value, topic);
    } catch (error) {
      if (error instanceof EventGridError) throw refuse(`Event ${at}: ${error.message}`);
      throw error;
    }
  });
}

function readEvent(value: unknown, { schema, name }: TopicOptions): TopicEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('expected an object');
  const fields = value as Record<string, unknown>;
  return schema === 'cloudevents' ? readCloudEvent(fields) : readGridEvent(fields, topicId(name));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`The body is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}
