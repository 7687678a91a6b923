import { moveWatermark } from '../../shared/sources/mssql/watermarks.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerCommitWatermark({ store }: Services): void {
  registerActivity('commit-watermark', async ({ run, table, sequence, to }, context) => {
    const record = await moveWatermark(store, { table, runId: run.runId, sequence, to });
    context.log(`watermark ${table}: ${record?.watermark ?? to}`);
    return { watermark: record?.watermark ?? to };
  });
}
