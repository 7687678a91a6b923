import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSubscriptions } from '../../../../local/servers/event-grid/subscriptions-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'subscriptions-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(value: unknown) {
  const file = join(folder, 'subscriptions.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return readSubscriptions(file);
}

const subscription = { name: 'landed', topic: 'lake', webhookUrl: 'http://127.0.0.1:7071/hook?code=x' };

test('one with all that can be said', () => {
  const whole = {
    ...subscription,
    includedEventTypes: ['youflix.tmdb.list-landed.v1'],
    subjectBeginsWith: 'tmdb/lists/',
    subjectEndsWith: '/2026-11-22',
    isSubjectCaseSensitive: true,
    advancedFilters: [
      { operatorType: 'StringNotBeginsWith', key: 'data.list', values: ['top'] },
      { operatorType: 'NumberNotIn', key: 'data.pages', values: [0] },
      { operatorType: 'NumberGreaterThanOrEquals', key: 'data.rows', value: 1 },
      {
        operatorType: 'NumberInRange',
        key: 'data.rows',
        values: [
          [1, 20],
          [40, 60],
        ],
      },
      { operatorType: 'BoolEquals', key: 'data.whole', value: true },
      { operatorType: 'IsNotNull', key: 'subject' },
    ],
    enableAdvancedFilteringOnArrays: true,
    deliverySchema: 'cloudevents',
    maxDeliveryAttempts: 5,
    eventTimeToLiveInMinutes: 60,
    deadLetter: true,
    deliveryHeaders: [
      { name: 'x-from', value: 'lake' },
      { name: 'x-list', sourceField: 'data.list' },
    ],
    validate: true,
  };
  expect(read([subscription, { ...whole, name: 'other' }])).toEqual([subscription, { ...whole, name: 'other' }]);
});

const filter = { operatorType: 'StringIn', key: 'data.list', values: ['popular'] };
const withFilter = (about: object) => ({ advancedFilters: [{ ...filter, ...about }] });

test.each<[string, object, RegExp]>([
  ['a name with a space', { name: 'two words' }, /3 to 64 letters, digits and hyphens\s+→ at \[0\]\.name/],
  ['an address that is none', { webhookUrl: 'ftp://x' }, /expected an http or https address\s+→ at \[0\]\.webhookUrl/],
  ['a word that is not known', { colour: 'red' }, /Unrecognized key: "colour"/],
  ['too many attempts', { maxDeliveryAttempts: 31 }, /→ at \[0\]\.maxDeliveryAttempts/],
  ['no time at all', { eventTimeToLiveInMinutes: 0 }, /→ at \[0\]\.eventTimeToLiveInMinutes/],
  ['a type that is no text', { includedEventTypes: [7] }, /→ at \[0\]\.includedEventTypes\[0\]/],
  [
    'an operator that is none',
    withFilter({ operatorType: 'StringLike' }),
    /→ at \[0\]\.advancedFilters\[0\]\.operatorType/,
  ],
  ['a text where numbers belong', withFilter({ operatorType: 'NumberIn' }), /expected number.*\s+→ .*values\[0\]/],
  ['one value where several belong', withFilter({ values: undefined, value: 'a' }), /→ at .*\.values/],
  ['no values', withFilter({ values: [] }), /→ at .*\.values/],
  ['a filter on a time', withFilter({ key: 'time' }), /another attribute that is no time.*\s+→ at .*\.key/],
  ['a filter on all of the data', withFilter({ key: 'data' }), /a path such as data\.list/],
  ['a range the wrong way', withFilter({ operatorType: 'NumberInRange', values: [[2, 1]] }), /ends before it begins/],
  ['too many filters', { advancedFilters: Array.from({ length: 26 }, () => filter) }, /→ at \[0\]\.advancedFilters/],
  ['too many values', withFilter({ values: Array.from({ length: 26 }, String) }), /more than 25 values/],
  ['a header of the service', { deliveryHeaders: [{ name: 'AEG-x', value: 'a' }] }, /none of aeg-… and content-…/],
  ['a header with a line break', { deliveryHeaders: [{ name: 'x', value: 'a\nb' }] }, /→ at .*deliveryHeaders/],
])('%s is refused, with its place', (_what, about, message) => {
  expect(() => read([{ ...subscription, ...about }])).toThrow(message);
});

test.each<[string, unknown, RegExp]>([
  ['a file that is no JSON', '[{]', /subscriptions\.json: expected a file with JSON/],
  ['one in place of several', subscription, /expected an array of them/],
])('%s is refused', (_what, value, message) => {
  expect(() => read(value)).toThrow(message);
});
