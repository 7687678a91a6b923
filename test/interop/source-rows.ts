/**
 * The source database's rows as silver must hold them, read in the driver's native types: the app asks the server for text, so
 * the two ways meet only in the result.
 */
import sql from 'mssql';
import type { SourceColumn, SourceTable } from '../../shared/catalog/types.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { type CanonicalValue, digestOf, instantText, type RowsDigest } from './canonical-rows.ts';

/** What one table of the source holds at a moment. */
export interface SourceTableState {
  /** Of the rows as silver has them: with the ticks column after each `datetime2(7)`. */
  readonly silver: RowsDigest;
  /** Of the text columns alone with NULL as the empty text, which is what most readers of CSV make of bronze. */
  readonly texts: RowsDigest;
  /** The source's own columns of text. */
  readonly textColumns: readonly string[];
  /** The longest text, in characters. */
  readonly longestText: number;
}

export type SourceState = ReadonlyMap<string, SourceTableState>;

/** @throws Error as the driver does */
export async function readSource(connectionString: string): Promise<SourceState> {
  const pool = await new sql.ConnectionPool(connectionString).connect();
  try {
    const state = new Map<string, SourceTableState>();
    for (const table of youflixTables) state.set(table.name, await readSourceTable(table, pool));
    return state;
  } finally {
    await pool.close();
  }
}

async function readSourceTable(table: SourceTable, pool: sql.ConnectionPool): Promise<SourceTableState> {
  const names = table.columns.map(({ name }) => `[${name}]`);
  const { recordset } = await pool
    .request()
    .query<Record<string, unknown>>(`SELECT ${names} FROM [${table.source.schema}].[${table.source.table}]`);
  const textColumns = table.columns.filter(({ type }) => /char|uniqueidentifier/.test(type)).map(({ name }) => name);
  const texts = recordset.map(row => textColumns.map(name => (row[name] as string | null) ?? ''));
  return {
    silver: digestOf(recordset.map(row => table.columns.flatMap(column => silverValues(column, row[column.name])))),
    texts: digestOf(texts),
    textColumns,
    longestText: texts.flat().reduce((longest, text) => Math.max(longest, text.length), 0),
  };
}

function silverValues({ type }: SourceColumn, value: unknown): readonly CanonicalValue[] {
  const hasTicks = type === 'datetime2(7)';
  if (value === null) return hasTicks ? [null, null] : [null];
  // Exact for the prices of this database: a double holds the digits of a decimal(10, 2).
  const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return [Number(value).toFixed(Number(scale))];
  if (!(value instanceof Date)) return [String(value)];
  if (type === 'date') return [value.toISOString().slice(0, 10)];
  const ticks = ticksSince1970(value);
  const instant = instantText(floorDiv(ticks, 10n));
  return hasTicks ? [instant, String(ticks + ticksBefore1970)] : [instant];
}

/** 100-nanosecond ticks from 0001-01-01 to 1970-01-01. */
const ticksBefore1970 = 621_355_968_000_000_000n;

/** The driver keeps what is below a millisecond beside the date, in seconds. */
function ticksSince1970(value: Date & { readonly nanosecondsDelta?: number }): bigint {
  return BigInt(value.getTime()) * 10_000n + BigInt(Math.round((value.nanosecondsDelta ?? 0) * 1e7));
}

function floorDiv(dividend: bigint, divisor: bigint): bigint {
  const remainder = ((dividend % divisor) + divisor) % divisor;
  return (dividend - remainder) / divisor;
}
