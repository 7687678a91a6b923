import { mergeYouflixTable } from '../../shared/silver/merge-youflix-table.ts';
import type { Services } from '../services.ts';
import { registerActivity, secondsSince } from './activity.ts';
import { heavyStep } from './heavy-step.ts';
import { sourceTable } from './source-table.ts';

export function registerMergeSilverTable(services: Services): void {
  registerActivity('merge-silver-table', ({ table, mode, sequence, files }, context) =>
    heavyStep(services, async engine => {
      const startedMs = performance.now();
      const merged = await mergeYouflixTable(sourceTable(table), { mode, sequence, files }, engine);
      context.log(`merge ${table}: ${merged.rowsChanged} of ${merged.rowsIn} rows changed, version ${merged.version}`);
      return {
        version: merged.version,
        rows: merged.rows,
        step: {
          name: 'merge',
          table,
          rowsIn: merged.rowsIn,
          rowsOut: merged.rowsChanged,
          bytes: merged.bytes,
          path: merged.path,
          seconds: secondsSince(startedMs),
          retries: 0,
        },
      };
    }),
  );
}
