/** Flattens one IMDb data set from bronze to its silver tables. */
import { type ImdbDataSet, imdbDataSets } from '../../catalog/imdb-data-sets.ts';
import { silverTablePath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { PermanentError } from '../../errors.ts';
import { imdbTables } from '../imdb/index.ts';
import { runPrelude } from '../prelude.ts';
import { type BronzeFile, openBronzeDataSet } from './bronze-data-set.ts';
import { type Delivery, type DeliveryOutcome, prepareDelivery } from './deliver-table.ts';
import { selectLines } from './line-selection.ts';
import { type QuarantineReceipt, type QuarantineSource, writeQuarantine } from './quarantine.ts';

export interface FlattenRequest {
  /** Name in the catalog, such as `title.basics`. */
  readonly dataSet: string;
  /** Full puts the delivery in place of the tables; incremental carries over what is new, changed or gone. */
  readonly mode: 'full' | 'incremental';
  /** One per delivery of the data set, rising: a table that has it already is left as it is. */
  readonly sequence: number;
  readonly bronze: BronzeFile;
  readonly source: QuarantineSource;
  /** Where lines go that silver cannot take; the same for a repeated call. */
  readonly quarantinePath: string;
}

export interface FlattenReceipt {
  readonly quarantine: QuarantineReceipt;
  /** Lines that lost to a later one of the same key. */
  readonly duplicates: number;
  /** Fields of the header that the catalog does not know; they stay in bronze. */
  readonly drift: { readonly added: readonly string[] };
  readonly tables: readonly TableReceipt[];
}

export interface TableReceipt extends DeliveryOutcome {
  readonly table: string;
  /** In the lake. */
  readonly path: string;
  /** Good lines of the data set, which the rows of the table are made of. */
  readonly rowsIn: number;
  readonly seconds: number;
}

/**
 * Checks every line, sets aside what does not fit, and brings the rest to silver. All tables are looked through before the first one
 * is changed. Safe to repeat: a table that has the delivery is left as it is, so a call that died half-way is healed by another.
 * @throws PermanentError `missing-column`, `bronze-columns`, `bronze-rows`, `shrunk`: silver stays as it was; else as the Delta writer
 */
export async function flattenDataSet(request: FlattenRequest, engine: DeltaEngine): Promise<FlattenReceipt> {
  const dataSet = catalogued(request.dataSet);
  const { duckdb, clock } = engine;
  await using bronze = await openBronzeDataSet(request.bronze, dataSet, engine);
  const lines = await selectLines(bronze, dataSet, duckdb);
  const rowsIn = request.bronze.rows - lines.rejectedRows - lines.duplicates;
  const quarantine = await writeQuarantine(
    { source: request.source, bronzePath: request.bronze.path, path: request.quarantinePath },
    bronze,
    lines,
    engine,
  );

  await runPrelude(duckdb);
  const prepared: { readonly table: string; readonly delivery: Delivery; readonly ms: number }[] = [];
  for (const table of imdbTables.filter(candidate => candidate.dataSet === dataSet.name)) {
    const startedMs = clock.now();
    const delivery = await prepareDelivery({ ...request, table }, lines, engine);
    prepared.push({ table: table.name, delivery, ms: clock.now() - startedMs });
  }
  const tables: TableReceipt[] = [];
  for (const { table, delivery, ms } of prepared) {
    const startedMs = clock.now();
    const outcome = await delivery.commit();
    const seconds = (ms + clock.now() - startedMs) / 1000;
    tables.push({ table, path: silverTablePath('imdb', table), rowsIn, ...outcome, seconds });
  }
  return { quarantine, duplicates: lines.duplicates, drift: { added: bronze.added }, tables };
}

function catalogued(name: string): ImdbDataSet {
  const dataSet = imdbDataSets.find(candidate => candidate.name === name);
  if (dataSet !== undefined) return dataSet;
  throw new PermanentError(
    `flatten ${name}: there is no such data set (there are: ${imdbDataSets.map(known => known.name).join(', ')})`,
    { code: 'no-such-data-set' },
  );
}
