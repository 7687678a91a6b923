/** Which lines of a bronze data set go to silver, and which do not: malformed ones, misfits, and all but the last of one key. */
import type { ImdbDataSet } from '../../catalog/imdb-data-sets.ts';
import { type DuckDbSession, sqlName } from '../../duckdb/session.ts';
import type { BronzeDataSet } from './bronze-data-set.ts';
import { type FieldColumn, misfitConditions } from './field-checks.ts';

export interface LineSelection {
  /** The fields that the catalog knows, in its order. */
  readonly fields: readonly FieldColumn[];
  /** SQL over the relation of bronze that holds for the rows that go to quarantine. */
  readonly rejects: string;
  /** DuckDB table (id): titles or persons, as far as rejected lines tell whose they are. */
  readonly heldBack: string;
  /** DuckDB view of the good lines, called like the data set (`title_basics`), with the fields of the catalog as text. */
  readonly view: string;
  /** The data set's key over the columns of `view`, as SQL in the types of silver. */
  readonly key: readonly string[];
  readonly rejectedRows: number;
  /** Good lines that lost to a later one of the same key. */
  readonly duplicates: number;
}

/** Looks through bronze once, and once more for keys that come twice. */
export async function selectLines(
  bronze: BronzeDataSet,
  dataSet: ImdbDataSet,
  duckdb: DuckDbSession,
): Promise<LineSelection> {
  const fields = dataSet.fields.map(field => ({
    field,
    column: bronze.fields.find(({ name }) => name === field.name)?.column ?? 'NULL',
  }));
  const rejects = ['malformed IS NOT NULL', ...misfitConditions(fields)].join(' OR ');
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE rejected AS SELECT row, line FROM ${bronze.relation} WHERE ${rejects}`,
  );
  const rejectedRows = await countRows('rejected', duckdb);
  await holdBack(bronze, dataSet, fields, duckdb);
  await duckdb.run('CREATE OR REPLACE TEMPORARY TABLE set_aside AS SELECT DISTINCT line FROM rejected');
  const keyFields = dataSet.key.flatMap(name => fields.find(({ field }) => field.name === name) ?? []);
  const duplicates = await dropDuplicates(bronze, keyFields.map(keyValue), rejectedRows, duckdb);

  const columns = fields.map(({ field, column }) => `${column} AS ${sqlName(field.name)}`);
  const view = dataSet.name.replace('.', '_');
  const good = goodRows(bronze, rejectedRows + duplicates);
  await duckdb.run(`CREATE OR REPLACE TEMPORARY VIEW ${view} AS SELECT ${columns} FROM ${good}`);
  const key = keyFields.map(({ field }) => keyValue({ field, column: sqlName(field.name) }));
  return { fields, rejects, heldBack: 'held_back', view, key, rejectedRows, duplicates };
}

async function holdBack(
  { relation, fields: header }: BronzeDataSet,
  dataSet: ImdbDataSet,
  fields: readonly FieldColumn[],
  duckdb: DuckDbSession,
): Promise<void> {
  const id = fields.find(({ field }) => field.name === dataSet.key[0])?.column ?? 'NULL';
  // A malformed line is bytes; as text everything but plain ASCII is escaped, a tab as \x09.
  const start = `regexp_extract(CAST(malformed[1:64] AS VARCHAR), '^"?(\\w+)', 1)`;
  const idOfMalformed = header[0]?.column === id ? start : 'NULL';
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE held_back AS
     SELECT DISTINCT CASE WHEN malformed IS NULL THEN ${id} ELSE ${idOfMalformed} END AS id
     FROM ${relation} WHERE row IN (SELECT min(row) FROM rejected GROUP BY line)`,
  );
}

/** Two texts of one number are one key. TRY: lines that do not fit are kept out beside this, not before it. */
function keyValue({ field, column }: FieldColumn): string {
  return field.type === 'integer' ? `TRY_CAST(${column} AS INTEGER)` : column;
}

/** Hashes first, which are small; keys are compared only where hashes agree. The last line of a key stays. */
async function dropDuplicates(
  bronze: BronzeDataSet,
  key: readonly string[],
  rejectedRows: number,
  duckdb: DuckDbSession,
): Promise<number> {
  const good = goodRows(bronze, rejectedRows);
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE repeated AS
     SELECT digest FROM (SELECT hash(${key}) AS digest FROM ${good}) GROUP BY digest HAVING count(*) > 1`,
  );
  if ((await countRows('repeated', duckdb)) === 0) return 0;
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE overtaken AS
     SELECT line FROM (SELECT line, ${key.map((value, index) => `${value} AS key_${index}`)} FROM ${good}
                       WHERE hash(${key}) IN (SELECT digest FROM repeated))
     QUALIFY row_number() OVER (PARTITION BY ${key.map((_, index) => `key_${index}`)} ORDER BY line DESC) > 1`,
  );
  await duckdb.run('INSERT INTO set_aside SELECT line FROM overtaken');
  return countRows('overtaken', duckdb);
}

function goodRows({ relation }: BronzeDataSet, setAside: number): string {
  return setAside === 0 ? relation : `(FROM ${relation} WHERE line NOT IN (SELECT line FROM set_aside))`;
}

async function countRows(table: string, duckdb: DuckDbSession): Promise<number> {
  const [counted] = await duckdb.rows(`SELECT count(*) AS rows FROM ${table}`);
  return Number(counted?.['rows']);
}
