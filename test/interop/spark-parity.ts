/** The SELECTs of `shared/silver/imdb` on real Spark: of the same bronze they make the rows that the embedded engine brought to silver. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImdbDataSet, imdbDataSets } from '../../shared/catalog/imdb-data-sets.ts';
import { silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { imdbTables } from '../../shared/silver/imdb/index.ts';
import type { Checks } from './checks.ts';
import type { DeltaClient } from './delta-meeting.ts';
import type { FilledLake } from './filled-lake.ts';
import { newestVersion } from './silver-states.ts';

const prelude = new URL('../../shared/silver/prelude.spark.sql', import.meta.url);

/** Every table, from the newest delivery. The program has the actions of spark_imdb.py. */
export async function compareSelects(
  { name, program }: DeltaClient,
  lake: FilledLake,
  { check }: Checks,
): Promise<void> {
  await check(`${name}: takes the prelude, and the good lines of every data set`, async () => {
    await program.ask('run', { statements: statementsOf(await readFile(prelude, 'utf8')) });
    for (const { name, bronze, quarantine } of lake.deliveries[1].dataSets) {
      const paths = { bronze: join(lake.folder, bronze), quarantine: join(lake.folder, quarantine) };
      await program.ask('make_view', { name: name.replace('.', '_'), select: goodLines(catalogued(name)), paths });
    }
  });
  for (const table of imdbTables) {
    const path = silverTablePath('imdb', table.name);
    await check(`${name}: its own rows for ${path} are those that are there`, async () => {
      const columns = table.columns.map(({ name, type }) => [name, type === 'integer' ? 'int' : type] as const);
      const rows = lake.silver.find(state => state.path === path)?.rows.get(newestVersion);
      const text = `SELECT ${columns.map(([name]) => name)} FROM (${await readFile(table.select, 'utf8')})`;
      assert.deepEqual(await program.ask('select', { text }), { columns, rows });
    });
  }
}

/** What is not in quarantine, and of several lines with one key the last. */
function goodLines({ key, fields }: ImdbDataSet): string {
  const typedKey = fields
    .filter(({ name }) => key.includes(name))
    .map(({ name, type }) => (type === 'integer' ? `try_cast(${name} AS INT)` : name));
  return `SELECT ${fields.map(({ name }) => name)}
          FROM (SELECT *, row_number() OVER (PARTITION BY ${typedKey} ORDER BY _line DESC) AS place
                FROM bronze WHERE _line NOT IN (SELECT line FROM quarantine))
          WHERE place = 1`;
}

function catalogued(name: string): ImdbDataSet {
  const dataSet = imdbDataSets.find(candidate => candidate.name === name);
  assert.ok(dataSet, `no data set ${name}`);
  return dataSet;
}

/** Its statements without comments: Spark takes one at a time. */
function statementsOf(script: string): string[] {
  const code = script.replaceAll(/^--.*$/gm, '');
  return code.split(/;\s*$/m).filter(statement => statement.trim() !== '');
}
