import type { StepReceipt } from '../../shared/runs/run-record.ts';
import {
  type FlattenReceipt,
  flattenDataSet,
  type TableReceipt,
} from '../../shared/silver/flatten/flatten-data-set.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { heavyStep } from './heavy-step.ts';
import { measuredStep } from './step.ts';

export function registerFlattenImdbDataSet(services: Services): void {
  registerActivity('flatten-imdb-data-set', ({ copy, mode, bronze }, context) =>
    heavyStep(services, async engine => {
      const { file, entry, sequence, quarantinePath } = copy;
      const { dataSet } = entry;
      const source = { path: file.path, entry: entry.name };
      const { result, step } = await measuredStep(
        'check',
        dataSet,
        () => flattenDataSet({ dataSet, mode, sequence, bronze, source, quarantinePath }, engine),
        receipt => checkFigures(receipt, bronze),
      );
      for (const { table, inserted, updated, deleted, version } of result.tables)
        context.log(`flatten ${table}: ${inserted} new, ${updated} changed, ${deleted} gone, version ${version}`);
      const tables = result.tables.map(table => {
        return { table: table.table, version: table.version, rows: table.rows, step: tableStep(table) };
      });
      // One measure for all of it; what the tables took is theirs.
      const tableSeconds = result.tables.reduce((sum, { seconds }) => sum + seconds, 0);
      const seconds = Math.round((step.seconds - tableSeconds) * 1000) / 1000;
      return { checks: { ...step, seconds }, tables, notes: driftNotes(dataSet, result) };
    }),
  );
}

/** What went into the tables of the data set, and what did not. */
function checkFigures(
  { quarantine, duplicates }: FlattenReceipt,
  bronze: { readonly path: string; readonly rows: number },
): Pick<StepReceipt, 'rowsIn' | 'rowsOut' | 'bytes' | 'path' | 'counts'> {
  return {
    rowsIn: bronze.rows,
    rowsOut: bronze.rows - quarantine.rows - duplicates,
    bytes: quarantine.bytes,
    path: quarantine.path ?? bronze.path,
    counts: { quarantined: quarantine.rows, duplicates },
  };
}

function tableStep({ table, path, rowsIn, rows, bytes, seconds, ...counted }: TableReceipt): StepReceipt {
  const { inserted, updated, deleted, kept, filesRewritten } = counted;
  const counts = { inserted, updated, deleted, kept, filesRewritten };
  return { name: 'flatten', table, rowsIn, rowsOut: rows, bytes, path, seconds, retries: 0, counts };
}

function driftNotes(dataSet: string, { drift }: FlattenReceipt): string[] {
  if (drift.added.length === 0) return [];
  return [
    `${dataSet}: the header has columns that the catalog does not know (${drift.added.join(', ')}); they stay in bronze`,
  ];
}
