import { readFileSync } from 'node:fs';
import { EventGridDeserializer } from '@azure/eventgrid';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { tmdbLists } from '../../../shared/catalog/tmdb-lists.ts';
import { listLandedEvent, listLandedSchema } from '../../../shared/events/list-landed.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { event, landed, runId } from './landed.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../docs/events/tmdb-list-landed.v1.schema.json', import.meta.url), 'utf8'),
) as object;

/** What version 1.0 of the CloudEvents specification says of each attribute we use (sections "REQUIRED" and "OPTIONAL Attributes"). */
const cloudEvent = {
  type: 'object',
  required: ['id', 'source', 'specversion', 'type'],
  properties: {
    id: { type: 'string', minLength: 1 },
    source: { type: 'string', minLength: 1, format: 'uri-reference' },
    specversion: { const: '1.0' },
    type: { type: 'string', minLength: 1 },
    datacontenttype: { type: 'string', pattern: '^[a-z]+/[a-z+.-]+$' },
    subject: { type: 'string', minLength: 1 },
    time: { type: 'string', format: 'date-time' },
    data: true,
  },
  // Further attributes have names of lower-case letters and digits, and values that are no objects.
  patternProperties: { '^(?!data$)': { type: ['string', 'integer', 'boolean'] } },
  propertyNames: { pattern: '^[a-z0-9]+$' },
};

function validator(schema: object): (value: unknown) => string {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return value => (validate(value) ? '' : ajv.errorsText(validate.errors));
}

describe('the event of a landing', () => {
  test('says what landed, where, and how to know it again', () => {
    expect(event).toEqual({
      specversion: '1.0',
      id: `${runId}.top_rated`,
      type: 'youflix.tmdb.list-landed.v1',
      source: '/youflix/lake',
      subject: 'tmdb/lists/top_rated/2026-01-31',
      time: '2026-01-31T06:00:05.123Z',
      datacontenttype: 'application/json',
      data: {
        schemaVersion: 1,
        list: 'top_rated',
        date: '2026-01-31',
        path: `bronze/tmdb/top_rated/2026/01/31/${runId}`,
        pages: 50,
        rows: 998,
        runId,
        contentHash: 'a'.repeat(64),
        landedAt: '2026-01-31T06:00:05.123Z',
      },
    });
  });

  test('is the same one every time', () => {
    expect(listLandedEvent(landed)).toEqual(event);
  });

  test('is a CloudEvent by the specification, and by the SDK of those who receive it', async () => {
    expect(validator(cloudEvent)(event)).toBe('');
    const [read] = await new EventGridDeserializer().deserializeCloudEvents(JSON.stringify(event));
    expect(read).toMatchObject({ id: event.id, type: event.type, time: new Date(event.time), data: event.data });
  });

  test.each(tmdbLists.map(({ name }) => name))('of the list %s fits its published schema', list => {
    const folder = landed.folder.replace('top_rated', list);
    expect(validator(published)(listLandedEvent({ ...landed, list, folder }).data)).toBe('');
  });
});

test('the example in the documentation is such an event', () => {
  const page = readFileSync(new URL('../../../docs/events/README.md', import.meta.url), 'utf8');
  const example: unknown = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '');
  expect(parseEvent(example)).toEqual(example);
});

describe('the published schema', () => {
  test('is the one the app checks by; publish a change by hand, as a new version unless fields are only added', () => {
    const made = z.toJSONSchema(listLandedSchema, {
      // The format says it; the pattern is for programs that know no formats, and for no human eye.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === 'date' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      },
    });
    expect(published).toEqual(made);
  });

  test('refuses what is missing, of another type, or of another version', () => {
    const check = validator(published);
    expect(check({ ...event.data, rows: undefined })).toContain("required property 'rows'");
    expect(check({ ...event.data, pages: 0 })).toContain('/pages');
    expect(check({ ...event.data, date: '31.01.2026' })).toContain('/date');
    expect(check({ ...event.data, schemaVersion: 2 })).toContain('/schemaVersion');
    expect(check({ ...event.data, more: 'of it' })).toBe('');
  });
});
