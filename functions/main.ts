/** Composition root: settings in, clients made once, every trigger, orchestrator and activity registered. */
import * as df from 'durable-functions';
import { mssqlTable } from '../orchestrations/mssql-table.ts';
import { youflix } from '../orchestrations/youflix.ts';
import { systemClock } from '../shared/clock.ts';
import { type AppConfig, readConfig } from '../shared/config.ts';
import { lazyStore } from '../shared/storage/lazy-store.ts';
import type { LakeStore } from '../shared/storage/store.ts';
import { registerCommitWatermark } from './activities/commit-watermark.ts';
import { registerExtractMssqlTable } from './activities/extract-mssql-table.ts';
import { registerMergeSilverTable } from './activities/merge-silver-table.ts';
import { registerPlanMssqlExtract } from './activities/plan-mssql-extract.ts';
import { registerReconcileSilverTable } from './activities/reconcile-silver-table.ts';
import { registerRecordRun } from './activities/record-run.ts';
import type { Services } from './services.ts';
import { registerHttpHealth } from './triggers/http-health.ts';
import { registerHttpPipelines } from './triggers/http-pipelines.ts';
import { registerHttpRuns } from './triggers/http-runs.ts';
import { registerTimers } from './triggers/timer-pipelines.ts';

const config = readConfig(process.env);

const services: Services = {
  store: lazyStore(() => connectLake(config.lake)),
  clock: systemClock,
  youflixSqlConnection: config.youflixSqlConnection,
  duckdb: config.duckdb,
  retryFirstIntervalMs: config.retryFirstIntervalMs,
};

registerHttpRuns(services);
registerHttpPipelines(services);
registerHttpHealth(services);
registerTimers(services);

df.app.orchestration('youflix', youflix);
df.app.orchestration('mssql-table', mssqlTable);

registerPlanMssqlExtract(services);
registerExtractMssqlTable(services);
registerMergeSilverTable(services);
registerReconcileSilverTable(services);
registerCommitWatermark(services);
registerRecordRun(services);

async function connectLake(lake: AppConfig['lake']): Promise<LakeStore> {
  const [{ lakeClient }, { azureLakeStore }] = await Promise.all([
    import('../shared/azure/lake-client.ts'),
    import('../shared/azure/lake-store.ts'),
  ]);
  return azureLakeStore(await lakeClient(lake));
}
