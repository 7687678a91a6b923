import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { youflixTables } from '../../../shared/catalog/youflix-tables.ts';
import { exactExpression, silverColumns } from '../../../shared/sources/mssql/column-types.ts';
import { projectRoot } from '../../source-files.ts';

const schema = readFileSync(join(projectRoot, 'infra/sql/youflix.sql'), 'utf8');

/** Name, type and nullability of each column as infra/sql/youflix.sql declares them. */
function declared(table: string): { name: string; type: string; nullable: boolean }[] {
  const body = new RegExp(`CREATE TABLE dbo\\.${table} \\(\\n([\\s\\S]*?)\\n\\);`).exec(schema)?.[1] ?? '';
  const column = /^ {2}(\w+)\s+(\w+(?:\([\w, ]+\))?)\s+(?:IDENTITY\(1, 1\) )?(NOT NULL|NULL)\b/gm;
  return [...body.matchAll(column)].map(match => ({
    name: match[1] ?? '',
    type: (match[2] ?? '').replace(', ', ','),
    nullable: match[3] === 'NULL',
  }));
}

describe.each(youflixTables)('$name', table => {
  test('has the columns the database declares, in its order, types and nullability', () => {
    const catalog = table.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
    expect(declared(table.source.table)).toEqual(catalog);
  });

  test('has a key of columns that cannot be NULL', () => {
    expect(table.key.length).toBeGreaterThan(0);
    for (const name of table.key)
      expect(table.columns).toContainEqual(expect.objectContaining({ name, nullable: false }));
  });

  test('has a watermark to 100 ns that cannot be NULL, with an index to read it by', () => {
    const watermark = table.columns.find(({ name }) => name === table.watermark);
    expect(watermark).toMatchObject({ type: 'datetime2(7)', nullable: false });
    expect(schema).toContain(`ON dbo.${table.source.table} (${table.watermark})`);
  });

  test('says what each column means, and can carry it to silver', () => {
    for (const column of table.columns) {
      expect(column.description).toMatch(/\w.*\.$/);
      expect(exactExpression(column)).toContain(`[${column.name}]`);
    }
    const names = table.columns.flatMap(silverColumns).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('no two tables share a name', () => {
  expect(new Set(youflixTables.map(({ name }) => name)).size).toBe(youflixTables.length);
});
