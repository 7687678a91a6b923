import { expect, test } from 'vitest';
import {
  checkSchema,
  duckDbType,
  evolveSchema,
  formatSchema,
  parseSchema,
  type TableSchema,
} from '../../../shared/delta/schema.ts';

const schema: TableSchema = [
  { name: 'user_id', type: 'long', nullable: false, description: 'The user.' },
  { name: 'price', type: 'decimal(10,2)', nullable: true, metadata: { unit: 'EUR' } },
];

test('a schema comes back from the log as it was, descriptions as comments', () => {
  expect(parseSchema(formatSchema(schema))).toEqual(schema);
  expect(JSON.parse(formatSchema(schema)).fields[0].metadata).toEqual({ comment: 'The user.' });
});

test('types other writers use are named when they are not supported', () => {
  const nested = { type: 'array', elementType: 'string', containsNull: true };
  for (const type of [nested, 'void', 'decimal(39,2)', 'decimal(5,6)', 'interval']) {
    const text = JSON.stringify({ type: 'struct', fields: [{ name: 'tags', type, nullable: true, metadata: {} }] });
    expect(() => parseSchema(text)).toThrow('column tags: type');
  }
});

test('names that Delta cannot store are refused', () => {
  for (const name of ['', 'a b', 'a,b', 'a=b', 'a\n', 'USER_ID']) {
    expect(() => checkSchema([...schema, { name, type: 'long', nullable: true }])).toThrow('table schema: column name');
  }
  expect(() => checkSchema([])).toThrow('at least one column');
});

test('evolving adds columns at the end, takes descriptions over, loosens and never tightens', () => {
  const given: TableSchema = [
    { name: 'country', type: 'string', nullable: false },
    { name: 'PRICE', type: 'decimal(10,2)', nullable: false, description: 'Paid.' },
    { name: 'user_id', type: 'long', nullable: true },
  ];
  expect(evolveSchema(schema, given)).toEqual([
    { name: 'user_id', type: 'long', nullable: true, description: 'The user.' },
    { name: 'price', type: 'decimal(10,2)', nullable: true, description: 'Paid.', metadata: { unit: 'EUR' } },
    { name: 'country', type: 'string', nullable: true },
  ]);
});

test('evolving names every problem at once', () => {
  expect(() => evolveSchema(schema, [{ name: 'user_id', type: 'string', nullable: false }])).toThrow(
    'column user_id: the table has long, got string; column price of the table is missing',
  );
});

test('decimals keep precision and scale in DuckDB', () => {
  expect(duckDbType('decimal(38,10)')).toBe('DECIMAL(38,10)');
});
