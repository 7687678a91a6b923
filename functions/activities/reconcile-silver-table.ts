import { reconcileYouflixTable } from '../../shared/silver/reconcile-youflix-table.ts';
import type { Services } from '../services.ts';
import { registerActivity, secondsSince } from './activity.ts';
import { heavyStep } from './heavy-step.ts';
import { sourceTable } from './source-table.ts';

export function registerReconcileSilverTable(services: Services): void {
  registerActivity('reconcile-silver-table', ({ table, mode, version, files }) =>
    heavyStep(services, async engine => {
      const startedMs = performance.now();
      const checked = await reconcileYouflixTable(sourceTable(table), { mode, version, files }, engine);
      return {
        step: {
          name: 'reconcile',
          table,
          rowsIn: checked.expected,
          rowsOut: checked.found,
          bytes: 0,
          path: checked.path,
          seconds: secondsSince(startedMs),
          retries: 0,
        },
      };
    }),
  );
}
