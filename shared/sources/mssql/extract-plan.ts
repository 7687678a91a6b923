/** What a run of one table will read, decided once, before the first row: the window, and how it is split. */
import type { SourceTable } from '../../catalog/types.ts';
import type { RunMode, RunRange } from '../../runs/run-record.ts';
import type { LakeStore } from '../../storage/store.ts';
import { quoteName } from './column-types.ts';
import { inSnapshot, type SourceSession } from './database.ts';
import { reserveSequence } from './watermarks.ts';
import { type KeyRange, sourceName, type WatermarkWindow, wholeTable, windowCondition } from './window.ts';

export interface ExtractPlan {
  readonly table: string;
  /** `incremental` becomes `full` when the table has no watermark yet. */
  readonly mode: RunMode;
  readonly sequence: number;
  readonly window: WatermarkWindow;
  /** One key range per CSV; a single unbounded one when the table is not split. */
  readonly parts: readonly KeyRange[];
  /** Where the watermark goes when all is done; null leaves it where it is. */
  readonly nextWatermark: string | null;
}

export interface PlanRequest {
  readonly runId: string;
  readonly mode: RunMode;
  /** Backfill only. */
  readonly range: RunRange | null;
}

/** @throws LakeError of the database or the store */
export async function planExtract(
  table: SourceTable,
  request: PlanRequest,
  { store, connection }: { readonly store: LakeStore; readonly connection: string },
): Promise<ExtractPlan> {
  const record = await reserveSequence(store, table.name, request.runId);
  const common = { table: table.name, sequence: record.sequence };
  if (request.mode === 'backfill' && request.range !== null) {
    const { from, to } = request.range;
    const window = { low: from, lowInclusive: true, high: to, highInclusive: false };
    return { ...common, mode: 'backfill', window, parts: [everyKey], nextWatermark: null };
  }
  return inSnapshot(connection, async session => {
    // The upper bound is taken before anything is read: what changes from now on belongs to the next run.
    const high = await newestWatermark(session, table);
    if (request.mode === 'incremental' && record.watermark !== null) {
      const window = {
        low: record.watermark,
        lowInclusive: false,
        high: high ?? record.watermark,
        highInclusive: true,
      };
      return { ...common, mode: 'incremental', window, parts: [everyKey], nextWatermark: high };
    }
    // A full load reads the whole table, newer rows too: they come again with the next run, and the merge does not mind.
    const parts = await splitByKey(session, table);
    return { ...common, mode: 'full', window: wholeTable, parts, nextWatermark: high };
  });
}

const everyKey: KeyRange = { from: null, to: null };

async function newestWatermark(session: SourceSession, table: SourceTable): Promise<string | null> {
  const text = `SELECT CONVERT(varchar(27), MAX(${quoteName(table.watermark)}), 121) AS high FROM ${sourceName(table)}`;
  const [row] = await session.rows(`newest watermark of ${table.name}`, text);
  return typeof row?.['high'] === 'string' ? row['high'] : null;
}

/** Ranges of the key with about `rowsPerPart` rows each, whatever gaps the keys have. */
async function splitByKey(session: SourceSession, table: SourceTable): Promise<readonly KeyRange[]> {
  const [counted] = await session.rows(
    `size of ${table.name}`,
    `SELECT COUNT_BIG(*) AS total FROM ${sourceName(table)}`,
  );
  const parts = Math.ceil(Number(counted?.['total'] ?? 0) / table.rowsPerPart);
  if (parts <= 1 || table.key.length !== 1) return [everyKey];
  const key = quoteName(table.key[0] ?? '');
  const text =
    `SELECT CONVERT(varchar(40), MIN(k)) AS first FROM ` +
    `(SELECT ${key} AS k, NTILE(${parts}) OVER (ORDER BY ${key}) AS part FROM ${sourceName(table)}) AS numbered ` +
    `GROUP BY part ORDER BY MIN(k)`;
  const rows = await session.rows(`key ranges of ${table.name}`, text);
  const firsts = rows.map(row => String(row['first']));
  return firsts.map((first, index) => ({ from: index === 0 ? null : first, to: firsts[index + 1] ?? null }));
}

/** The statements an extract of this part runs, for the plan a person reads and for the extract itself. */
export function extractStatements(
  table: SourceTable,
  window: WatermarkWindow,
  keys: KeyRange,
  select: readonly string[],
): { readonly count: string; readonly rows: string; readonly parameters: Readonly<Record<string, string>> } {
  const { sql: where, parameters } = windowCondition(table, window, keys);
  const from = `FROM ${sourceName(table)} WHERE ${where}`;
  return {
    count: `SELECT COUNT_BIG(*) AS total ${from}`,
    rows: `SELECT ${select.join(', ')} ${from}`,
    parameters,
  };
}
