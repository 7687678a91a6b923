import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cloudEventOf, readCloudEvent } from '../../../../local/servers/event-grid/cloud-event.ts';
import { readGridEvent } from '../../../../local/servers/event-grid/grid-event.ts';

const text = fc.string({ minLength: 1, unit: 'grapheme' });
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
  .map(date => date.toISOString());
const topic = '/subscriptions/0/resourceGroups/local/providers/Microsoft.EventGrid/topics/lake';

const gridEvent = fc.record({
  id: text,
  subject: text,
  eventType: text,
  eventTime: time,
  data: fc.dictionary(text, fc.jsonValue()),
  dataVersion: fc.string(),
});

const cloudEvent = fc
  .record(
    {
      specversion: fc.constant('1.0'),
      id: text,
      source: text,
      type: text,
      subject: text,
      time,
      datacontenttype: fc.constantFrom('application/json', 'text/plain'),
      data: fc.jsonValue(),
      traceid: fc.oneof(fc.string(), fc.boolean(), fc.integer()),
    },
    { requiredKeys: ['specversion', 'id', 'source', 'type'] },
  )
  .map(event => JSON.parse(JSON.stringify(event)));

test('an event that was read is the one that was written', () => {
  fc.assert(
    fc.property(cloudEvent, event => {
      expect(readCloudEvent(event)).toEqual(event);
    }),
  );
  fc.assert(
    fc.property(gridEvent, event => {
      expect(readGridEvent(event, topic)).toEqual({ ...event, topic, metadataVersion: '1' });
    }),
  );
});

test('an event of the Event Grid schema becomes a CloudEvent that publishers may send', () => {
  fc.assert(
    fc.property(gridEvent, given => {
      const event = readGridEvent(given, topic);
      const { id, subject, eventType: type, eventTime, data } = event;
      const cloud = cloudEventOf(event);
      expect(cloud).toMatchObject({ id, subject, type, source: topic, time: eventTime });
      expect(cloud.data).toBe(data);
      expect(readCloudEvent({ ...cloud })).toEqual(cloud);
    }),
  );
});

test.each([
  ['1970-01-01T00:00:00Z', true],
  ['2026-11-22T10:00:00.1234567+05:30', true],
  ['2026-11-22t10:00:00z', true],
  ['2026-11-22T10:00:00', false],
  ['2026-11-22', false],
  ['2026-13-22T10:00:00Z', false],
  ['22 Nov 2026 10:00:00 GMT', false],
])('time %s: %s', (time, isOne) => {
  const event = { specversion: '1.0', id: 'a', source: '/s', type: 't', time };
  const reading = expect(() => readCloudEvent(event));
  if (isOne) reading.not.toThrow();
  else reading.toThrow(/is not one of RFC 3339/);
});
