import { reconcileYouflixTable } from '../../shared/silver/reconcile-youflix-table.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { heavyStep } from './heavy-step.ts';
import { sourceTable } from './source-table.ts';
import { measuredStep } from './step.ts';

export function registerReconcileSilverTable(services: Services): void {
  registerActivity('reconcile-silver-table', ({ table, mode, version, files }) =>
    heavyStep(services, async engine => {
      const { step } = await measuredStep(
        'reconcile',
        table,
        () => reconcileYouflixTable(sourceTable(table), { mode, version, files }, engine),
        ({ expected, found, path }) => ({ rowsIn: expected, rowsOut: found, bytes: 0, path }),
      );
      return { step };
    }),
  );
}
