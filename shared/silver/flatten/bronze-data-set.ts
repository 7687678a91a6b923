/** One bronze file of an IMDb data set, brought near and met with what the catalog expects of it. */
import type { ImdbDataSet } from '../../catalog/imdb-data-sets.ts';
import { stageFiles } from '../../delta/data-files.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { PermanentError } from '../../errors.ts';
import { bronzeLine, bronzeMalformed, bronzeReason } from '../../sources/imdb/bronze-copy.ts';

/** What a copy left in bronze. */
export interface BronzeFile {
  /** In the lake. */
  readonly path: string;
  /** Rows of the file, malformed ones included. */
  readonly rows: number;
}

export interface BronzeDataSet extends AsyncDisposable {
  /**
   * What may follow FROM in DuckDB's SQL. Columns: one per field of the header, `line`, `malformed` and `reason` as bronze has them,
   * and `row`, the position in the file.
   */
  readonly relation: string;
  /** In the order of the header, with the name of its column in `relation`: a name of the header may be any text. */
  readonly fields: readonly { readonly name: string; readonly column: string }[];
  /** Fields of the header that the catalog does not know. */
  readonly added: readonly string[];
}

/**
 * @throws PermanentError `missing-column` when the header lacks a field of the catalog, `bronze-rows` when the file is not the one
 * of the receipt
 */
export async function openBronzeDataSet(
  bronze: BronzeFile,
  dataSet: ImdbDataSet,
  engine: DeltaEngine,
): Promise<BronzeDataSet> {
  const staged = await stageFiles([bronze.path], engine);
  try {
    const header = await headerOf(bronze, staged.list, engine);
    checkFields(bronze, header, dataSet);
    await checkRows(bronze, staged.list, engine);
    const fields = header.map((name, index) => ({ name, column: `field_${index}` }));
    const columns = [...fields.map(({ column }) => column), 'line', 'malformed', 'reason'];
    const file = `read_parquet(${staged.list}, file_row_number = true) AS file(${columns})`;
    return {
      relation: `(SELECT ${columns}, file_row_number AS row FROM ${file})`,
      fields,
      added: header.filter(name => !dataSet.fields.some(field => field.name === name)),
      [Symbol.asyncDispose]: () => staged[Symbol.asyncDispose](),
    };
  } catch (error) {
    await staged[Symbol.asyncDispose]();
    throw error;
  }
}

async function headerOf({ path }: BronzeFile, list: string, { duckdb }: DeltaEngine): Promise<readonly string[]> {
  // The first row is the root of the schema.
  const [, ...columns] = await duckdb.rows(`SELECT name FROM parquet_schema(${list})`);
  const names = columns.map(({ name }) => String(name));
  const own = [bronzeLine, bronzeMalformed, bronzeReason];
  const header = names.slice(0, -own.length);
  if (own.every((name, index) => names[header.length + index] === name)) return header;
  throw new PermanentError(
    `${path}: expected the columns of a header, then ${own.join(', ')}, got ${names.join(', ')}; copy the data set again`,
    { code: 'bronze-columns' },
  );
}

function checkFields({ path }: BronzeFile, header: readonly string[], dataSet: ImdbDataSet): void {
  const missing = dataSet.fields.map(({ name }) => name).filter(name => !header.includes(name));
  if (missing.length === 0) return;
  throw new PermanentError(
    `${path}: the header lacks ${missing.join(', ')} of ${dataSet.name} (has: ${header.join(', ')}); silver was left as it is: correct the file, or the catalog where the data set has changed`,
    { code: 'missing-column' },
  );
}

async function checkRows({ path, rows }: BronzeFile, list: string, { duckdb }: DeltaEngine): Promise<void> {
  const [file] = await duckdb.rows(`SELECT num_rows FROM parquet_file_metadata(${list})`);
  if (Number(file?.['num_rows']) === rows) return;
  throw new PermanentError(
    `${path}: expected ${rows} rows as copied, got ${String(file?.['num_rows'])}; bronze is immutable, so copy the data set again`,
    { code: 'bronze-rows' },
  );
}
