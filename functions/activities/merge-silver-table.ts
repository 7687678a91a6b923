import { mergeYouflixTable } from '../../shared/silver/merge-youflix-table.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { heavyStep } from './heavy-step.ts';
import { sourceTable } from './source-table.ts';
import { measuredStep } from './step.ts';

export function registerMergeSilverTable(services: Services): void {
  registerActivity('merge-silver-table', ({ table, mode, sequence, files }, context) =>
    heavyStep(services, async engine => {
      const { result: merged, step } = await measuredStep(
        'merge',
        table,
        () => mergeYouflixTable(sourceTable(table), { mode, sequence, files }, engine),
        ({ rowsIn, rowsChanged, bytes, path }) => ({ rowsIn, rowsOut: rowsChanged, bytes, path }),
      );
      context.log(`merge ${table}: ${merged.rowsChanged} of ${merged.rowsIn} rows changed, version ${merged.version}`);
      return { version: merged.version, rows: merged.rows, step };
    }),
  );
}
