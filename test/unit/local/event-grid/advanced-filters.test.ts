import { describe, expect, test } from 'vitest';
import { type AdvancedFilter, passes } from '../../../../local/servers/event-grid/advanced-filters.ts';
import type { CloudEvent } from '../../../../local/servers/event-grid/cloud-event.ts';

const event: CloudEvent = {
  specversion: '1.0',
  id: 'run-1.popular',
  source: '/youflix/lake',
  type: 'youflix.tmdb.list-landed.v1',
  subject: 'tmdb/lists/popular/2026-11-22',
  traceid: 'Abc',
  data: {
    list: 'Popular',
    pages: 3,
    rate: 0.5,
    whole: true,
    none: null,
    empty: '',
    deep: { er: { list: 'inside' } },
    names: ['one', 'two'],
    numbers: [1, 2],
    nothing: [],
  },
};

const key = 'data.list';
const pages = 'data.pages';

test.each<[AdvancedFilter, boolean]>([
  [{ operatorType: 'StringIn', key, values: ['top_rated', 'popular'] }, true],
  [{ operatorType: 'StringIn', key, values: ['pop'] }, false],
  [{ operatorType: 'StringIn', key: 'data.empty', values: [''] }, true],
  [{ operatorType: 'StringNotIn', key, values: ['top_rated', 'popular'] }, false],
  [{ operatorType: 'StringNotIn', key, values: ['top_rated', 'upcoming'] }, true],
  [{ operatorType: 'StringContains', key, values: ['PUL', 'x'] }, true],
  [{ operatorType: 'StringContains', key, values: ['x', 'y'] }, false],
  [{ operatorType: 'StringNotContains', key, values: ['PUL', 'x'] }, false],
  [{ operatorType: 'StringNotContains', key, values: ['x', 'y'] }, true],
  [{ operatorType: 'StringBeginsWith', key, values: ['x', 'pop'] }, true],
  [{ operatorType: 'StringBeginsWith', key, values: ['ular'] }, false],
  [{ operatorType: 'StringNotBeginsWith', key, values: ['x', 'pop'] }, false],
  [{ operatorType: 'StringNotBeginsWith', key, values: ['ular'] }, true],
  [{ operatorType: 'StringEndsWith', key, values: ['x', 'LAR'] }, true],
  [{ operatorType: 'StringEndsWith', key, values: ['pop'] }, false],
  [{ operatorType: 'StringNotEndsWith', key, values: ['x', 'LAR'] }, false],
  [{ operatorType: 'StringNotEndsWith', key, values: ['pop'] }, true],
  [{ operatorType: 'NumberIn', key: pages, values: [1, 3] }, true],
  [{ operatorType: 'NumberIn', key: pages, values: [1, 2] }, false],
  [{ operatorType: 'NumberIn', key: 'data.rate', values: [0.5] }, true],
  [{ operatorType: 'NumberNotIn', key: pages, values: [1, 3] }, false],
  [{ operatorType: 'NumberNotIn', key: pages, values: [1, 2] }, true],
  [{ operatorType: 'NumberGreaterThan', key: pages, value: 2 }, true],
  [{ operatorType: 'NumberGreaterThan', key: pages, value: 3 }, false],
  [{ operatorType: 'NumberGreaterThanOrEquals', key: pages, value: 3 }, true],
  [{ operatorType: 'NumberGreaterThanOrEquals', key: pages, value: 4 }, false],
  [{ operatorType: 'NumberLessThan', key: pages, value: 4 }, true],
  [{ operatorType: 'NumberLessThan', key: pages, value: 3 }, false],
  [{ operatorType: 'NumberLessThanOrEquals', key: pages, value: 3 }, true],
  [{ operatorType: 'NumberLessThanOrEquals', key: pages, value: 2 }, false],
  [
    {
      operatorType: 'NumberInRange',
      key: pages,
      values: [
        [7, 8],
        [3, 5],
      ],
    },
    true,
  ],
  [{ operatorType: 'NumberInRange', key: pages, values: [[1, 3]] }, true],
  [
    {
      operatorType: 'NumberInRange',
      key: pages,
      values: [
        [1, 2],
        [4, 5],
      ],
    },
    false,
  ],
  [{ operatorType: 'NumberNotInRange', key: pages, values: [[3, 5]] }, false],
  [
    {
      operatorType: 'NumberNotInRange',
      key: pages,
      values: [
        [1, 2],
        [4, 5],
      ],
    },
    true,
  ],
  [{ operatorType: 'BoolEquals', key: 'data.whole', value: true }, true],
  [{ operatorType: 'BoolEquals', key: 'data.whole', value: false }, false],
  [{ operatorType: 'IsNullOrUndefined', key: 'data.none' }, true],
  [{ operatorType: 'IsNullOrUndefined', key: 'data.missing' }, true],
  [{ operatorType: 'IsNullOrUndefined', key: 'data.empty' }, false],
  [{ operatorType: 'IsNotNull', key: 'data.none' }, false],
  [{ operatorType: 'IsNotNull', key: 'data.missing' }, false],
  [{ operatorType: 'IsNotNull', key: 'data.empty' }, true],
])('%j: %s', (filter, isPassed) => {
  expect(passes(filter, event, false)).toBe(isPassed);
});

test.each<[string, string]>([
  ['id', 'run-1.popular'],
  ['source', '/youflix/lake'],
  ['type', 'youflix.tmdb.list-landed.v1'],
  ['subject', 'tmdb/lists/popular/2026-11-22'],
  ['traceid', 'abc'],
  ['data.deep.er.list', 'inside'],
])('the key %s', (key, value) => {
  expect(passes({ operatorType: 'StringIn', key, values: [value] }, event, false)).toBe(true);
});

describe('what is not there, or of another type', () => {
  const keys = [
    'data.missing',
    'data.missing.deeper',
    'data.list.deeper',
    'data.none',
    'data.deep',
    'data.constructor',
  ];

  test.each(keys)('%s fits nothing, and so what is not to fit', key => {
    expect(passes({ operatorType: 'StringContains', key, values: [''] }, event, false)).toBe(false);
    expect(passes({ operatorType: 'NumberLessThan', key, value: 1e308 }, event, false)).toBe(false);
    expect(passes({ operatorType: 'BoolEquals', key, value: false }, event, false)).toBe(false);
    expect(passes({ operatorType: 'StringNotContains', key, values: [''] }, event, false)).toBe(true);
    expect(passes({ operatorType: 'NumberNotIn', key, values: [0] }, event, false)).toBe(true);
  });
});

describe('arrays', () => {
  test.each<[AdvancedFilter, boolean]>([
    [{ operatorType: 'StringIn', key: 'data.names', values: ['two'] }, true],
    [{ operatorType: 'StringNotIn', key: 'data.names', values: ['two'] }, false],
    [{ operatorType: 'StringNotIn', key: 'data.names', values: ['three'] }, true],
    [{ operatorType: 'NumberGreaterThan', key: 'data.numbers', value: 1 }, true],
    [{ operatorType: 'NumberGreaterThan', key: 'data.numbers', value: 2 }, false],
    [{ operatorType: 'StringIn', key: 'data.nothing', values: ['two'] }, false],
    [{ operatorType: 'IsNotNull', key: 'data.nothing' }, true],
  ])('looked into, %j: %s', (filter, isPassed) => {
    expect(passes(filter, event, true)).toBe(isPassed);
  });

  test('not looked into, they fit nothing', () => {
    expect(passes({ operatorType: 'StringIn', key: 'data.names', values: ['two'] }, event, false)).toBe(false);
    expect(passes({ operatorType: 'StringNotIn', key: 'data.names', values: ['two'] }, event, false)).toBe(true);
  });
});
