import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadRecordError } from '../../../shared/errors.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { landed, event as queued, runId } from './landed.ts';

const event = { ...queued, sentat: '2026-01-31T06:00:06.001Z' };

/** The event as a topic of the Event Grid schema delivers it. */
const gridEvent = {
  id: event.id,
  topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/youflix',
  subject: event.subject,
  eventType: event.type,
  eventTime: event.sentat,
  dataVersion: '1',
  metadataVersion: '1',
  data: event.data,
};

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('an event is taken', () => {
  test('as CloudEvent, in whatever order its fields come', () => {
    expect(parseEvent(copy(event))).toEqual(event);
    expect(parseEvent(Object.fromEntries(Object.entries(event).reverse()))).toEqual(event);
  });

  test('as Event Grid event; its topic is the source', () => {
    expect(parseEvent(copy(gridEvent))).toEqual({ ...event, source: gridEvent.topic });
  });

  test('with attributes and data that came later or on the way', () => {
    const traced = { ...event, traceparent: '00-x-y-01', data: { ...event.data, region: 'US' } };
    expect(parseEvent(copy(traced)).data).toEqual({ ...event.data, region: 'US' });
  });
});

describe('an event is refused, with the reason', () => {
  const data = (change: object): object => ({ ...event, data: { ...event.data, ...change } });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /neither a CloudEvent \(specversion\) nor an Event Grid event \(eventType\)/],
    ['null', null, /neither/],
    ['text', JSON.stringify(event), /neither/],
    ['a list of events', [event], /neither/],
    ['an object', {}, /neither/],
    ['a later CloudEvents version', { ...event, specversion: '2.0' }, /specversion: .*"1\.0"/],
    ['not said when it was sent', { ...event, sentat: undefined }, /sentat: .*undefined/],
    ['somebody else as source', { ...event, source: '/somebody/else' }, /source: .*youflix/],
    ['more than anyone needs to say', { ...event, note: 'x'.repeat(65_536) }, /more than 65536 bytes/],
    ['no id', { ...event, id: undefined }, /id: .*undefined/],
    ['another type', { ...event, type: 'youflix.tmdb.list-landed.v2' }, /type: .*list-landed\.v1/],
    ['no data', { ...event, data: undefined }, /data: /],
    ['another version of the data', data({ schemaVersion: 2 }), /data\.schemaVersion: .*1/],
    ['a folder of another list', data({ path: landed.folder.replace('top_rated', 'popular') }), /data\.path: /],
    ['a folder outside', data({ path: `bronze/tmdb/../../control/${runId}` }), /data\.path: /],
    [
      'a list that climbs',
      data({ list: '../youflix', path: landed.folder.replace('top_rated', '../youflix') }),
      /data\.list/,
    ],
    ['a run that climbs', data({ runId: '../x', path: landed.folder.replace(runId, '../x') }), /data\.runId: /],
    ['a date that is none', data({ date: '2026-02-30' }), /data\.date: /],
    ['a hash that is none', data({ contentHash: 'A'.repeat(64) }), /data\.contentHash: /],
    ['half a row', data({ rows: 0.5 }), /data\.rows: /],
    ['an Event Grid event without a topic', { ...gridEvent, topic: undefined }, /topic: /],
    [
      'an Event Grid event of another type',
      { ...gridEvent, eventType: 'Microsoft.Storage.BlobCreated' },
      /eventType: /,
    ],
  ])('%s', (_what, json, reason) => {
    expect(() => parseEvent(json)).toThrow(BadRecordError);
    expect(() => parseEvent(json)).toThrow(reason);
  });

  test('all reasons at once', () => {
    expect(() => parseEvent({ ...data({ rows: -1, pages: 'x' }), id: '' })).toThrow(
      /id: .*data\.pages: .*data\.rows: /,
    );
  });

  test('whatever comes: an event or that error, and nothing else', () => {
    const known = fc.constantFrom(...Object.keys(event), ...Object.keys(gridEvent));
    fc.assert(
      fc.property(fc.constantFrom<object>(event, gridEvent), known, fc.jsonValue(), (base, field, value) => {
        try {
          expect(parseEvent({ ...base, [field]: value }).id).toBeTruthy();
        } catch (error) {
          expect(error).toBeInstanceOf(BadRecordError);
        }
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), json => {
        expect(() => parseEvent(json)).toThrow(BadRecordError);
      }),
    );
  });
});
