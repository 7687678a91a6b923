import { badRequest } from './errors.ts';
import type { GridEvent } from './grid-event.ts';

/** An event of CloudEvents 1.0 in its JSON format; extension attributes stand beside the others. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly data?: unknown;
  /** In place of `data`: bytes, in base64. */
  readonly data_base64?: string;
  readonly [extension: string]: unknown;
}

const required = ['id', 'source', 'type'];
const optional = ['subject', 'time', 'datacontenttype', 'dataschema', 'data_base64'];
const timestamp = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a published event. Attributes that are null count as not given (CloudEvents JSON format 1.0, section 2.2).
 * @throws EventGridError 400 when it breaks the specification
 */
export function readCloudEvent(value: Readonly<Record<string, unknown>>): CloudEvent {
  const event = Object.fromEntries(Object.entries(value).filter(([name, part]) => name === 'data' || part !== null));
  if (event['specversion'] !== '1.0') throw badRequest("property 'specversion' must be '1.0'");
  for (const name of [...required, ...optional.filter(name => name in event)]) {
    const text = event[name];
    const isText = typeof text === 'string' && (text !== '' || name === 'data_base64');
    if (!isText) throw badRequest(`property '${name}' must be a text that is not empty`);
  }
  const read = event as CloudEvent;
  const { time, data_base64: bytes = '' } = read;
  const isTime = time === undefined || (timestamp.test(time) && !Number.isNaN(Date.parse(time)));
  if (!isTime) throw badRequest(`time '${time}' is not one of RFC 3339`);
  const isTwice = 'data' in read && 'data_base64' in read;
  if (isTwice) throw badRequest("properties 'data' and 'data_base64' exclude each other");
  if (!base64.test(bytes)) throw badRequest("property 'data_base64' must be base64");
  checkExtensions(event);
  return read;
}

/** Names of lower-case letters and digits, and single values (CloudEvents 1.0, "Attribute Naming" and "Type System"). */
function checkExtensions(event: Readonly<Record<string, unknown>>): void {
  const known = new Set(['specversion', 'data', ...required, ...optional]);
  for (const [name, value] of Object.entries(event).filter(([name]) => !known.has(name))) {
    if (!/^[a-z0-9]+$/.test(name)) throw badRequest(`attribute '${name}' must be of lower-case letters and digits`);
    const isSingle = typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value);
    if (!isSingle) throw badRequest(`attribute '${name}' must be a text, a boolean or an integer`);
  }
}

/** As the service delivers an event of the other schema. Source: "CloudEvents v1.0 schema with Azure Event Grid". */
export function cloudEventOf({ id, topic, subject, eventType, eventTime, data, dataVersion }: GridEvent): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: topic,
    type: eventType,
    subject,
    time: eventTime,
    datacontenttype: 'application/json',
    dataschema: `#${dataVersion}`,
    data,
  };
}
