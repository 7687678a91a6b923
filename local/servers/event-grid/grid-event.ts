import { badRequest } from './errors.ts';

/** An event in the Event Grid schema. Source: "Azure Event Grid event schema". */
export interface GridEvent {
  readonly id: string;
  /** Resource id of what raised it. */
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  /** ISO 8601, UTC. */
  readonly eventTime: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataVersion: string;
  readonly metadataVersion: string;
}

const required = ['id', 'topic', 'subject', 'eventType', 'eventTime'];
const stamped = { dataVersion: '', metadataVersion: '1' };

/**
 * Reads a published event and stamps on it what publishers leave to the service: the topic and the versions.
 * @param topic resource id of the topic that it was published to; an event may name no other
 * @throws EventGridError 400
 */
export function readGridEvent(value: Readonly<Record<string, unknown>>, topic: string): GridEvent {
  const event: Readonly<Record<string, unknown>> = { topic, ...stamped, ...present(value) };
  for (const name of required) {
    const text = event[name];
    const isText = typeof text === 'string' && text !== '';
    if (!isText) throw badRequest(`property '${name}' must be a text that is not empty`);
  }
  const read = event as unknown as GridEvent;
  if (Number.isNaN(Date.parse(read.eventTime))) throw badRequest(`eventTime '${read.eventTime}' is not a time`);
  if (read.topic.toLowerCase() !== topic.toLowerCase()) throw badRequest(`topic '${read.topic}' is not this one`);
  if (typeof read.dataVersion !== 'string') throw badRequest("property 'dataVersion' must be a text");
  if (read.metadataVersion !== '1') throw badRequest("property 'metadataVersion' must be '1' where it is given");
  if (typeof read.data !== 'object') throw badRequest("property 'data' must be an object");
  return read;
}

/** Without what is null, which counts as not given. */
function present(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
}
