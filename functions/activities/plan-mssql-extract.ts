import { planExtract } from '../../shared/sources/mssql/extract-plan.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { sourceTable } from './source-table.ts';

export function registerPlanMssqlExtract({ store, youflixSqlConnection }: Services): void {
  registerActivity('plan-mssql-extract', async ({ run, table, mode, range }, context) => {
    const request = { runId: run.runId, mode, range };
    const plan = await planExtract(sourceTable(table), request, { store, connection: youflixSqlConnection });
    const { low, high } = plan.window;
    context.log(
      `plan ${table}: ${plan.mode}, window ${low ?? 'start'} to ${high ?? 'end'}, ${plan.parts.length} part(s)`,
    );
    return plan;
  });
}
