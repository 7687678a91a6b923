import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { imdbDataSets } from '../../../../shared/catalog/imdb-data-sets.ts';
import { checkSchema } from '../../../../shared/delta/schema.ts';
import { imdbTables } from '../../../../shared/silver/imdb/index.ts';

const silver = join(import.meta.dirname, '../../../../shared/silver');
const folder = join(silver, 'imdb');

/** The functions that a prelude makes, with the number of their parameters. */
function functionsOf(prelude: string): string[] {
  const made = /CREATE OR REPLACE TEMPORARY (?:MACRO|FUNCTION) (\w+)\(([^)]*)\)/g;
  return [...prelude.matchAll(made)].map(([, name, parameters]) => `${name}/${parameters?.split(',').length}`);
}

test('every SELECT of the folder belongs to a table, and every data set has tables', () => {
  const files = globSync('*.sql', { cwd: folder });
  expect(imdbTables.map(({ select }) => basename(fileURLToPath(select))).sort()).toEqual(files.sort());
  expect(new Set(imdbTables.map(({ dataSet }) => dataSet))).toEqual(new Set(imdbDataSets.map(({ name }) => name)));
  expect(new Set(imdbTables.map(({ name }) => name)).size).toBe(imdbTables.length);
});

test('both preludes make the same functions, but explode, which Spark has', () => {
  const [duckDb, spark] = ['duckdb', 'spark'].map(name =>
    functionsOf(readFileSync(join(silver, `prelude.${name}.sql`), 'utf8')),
  );
  expect(spark?.length).toBeGreaterThan(0);
  expect(duckDb).toEqual([...(spark ?? []), 'explode/1']);
});

describe.each(imdbTables)('$name', table => {
  const dataSet = imdbDataSets.find(({ name }) => name === table.dataSet);

  test('has a schema that Delta takes, with a description of every column', () => {
    checkSchema(table.columns);
    expect(table.description).toMatch(/^One row per .+\.$/);
    for (const { description } of table.columns) expect(description).toMatch(/^[A-Z].*\.$/);
  });

  test('has a key of columns that are never NULL, beginning with the key of its data set', () => {
    for (const name of table.key)
      expect(table.columns).toContainEqual(expect.objectContaining({ name, nullable: false }));
    expect(table.columns.slice(0, table.key.length).map(({ name }) => name)).toEqual(table.key);
    const ownKey = dataSet?.key.map(name => dataSet.fields.find(field => field.name === name)?.type);
    const types = table.columns.slice(0, ownKey?.length).map(({ type }) => (type === 'string' ? 'text' : type));
    expect(types).toEqual(ownKey);
  });

  test('refers to columns and tables that exist', () => {
    for (const { column, table: target } of table.references) {
      expect(table.columns.map(({ name }) => name)).toContain(column);
      expect(imdbTables.find(({ name }) => name === target)?.key).toHaveLength(1);
    }
  });
});
