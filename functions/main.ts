/** Composition root: settings in, clients made once, every trigger, orchestrator and activity registered. */
import * as df from 'durable-functions';
import { imdb } from '../orchestrations/imdb.ts';
import { imdbDataSet } from '../orchestrations/imdb-data-set.ts';
import { mssqlTable } from '../orchestrations/mssql-table.ts';
import { youflix } from '../orchestrations/youflix.ts';
import { systemClock } from '../shared/clock.ts';
import { type AppConfig, readConfig } from '../shared/config.ts';
import type { Landing } from '../shared/sources/imdb/landing.ts';
import { lazyLanding } from '../shared/sources/imdb/lazy-landing.ts';
import { lazyStore } from '../shared/storage/lazy-store.ts';
import type { LakeStore } from '../shared/storage/store.ts';
import { registerCommitImdbDelivery } from './activities/commit-imdb-delivery.ts';
import { registerCommitWatermark } from './activities/commit-watermark.ts';
import { registerCopyImdbDataSet } from './activities/copy-imdb-data-set.ts';
import { registerCountImdbOrphans } from './activities/count-imdb-orphans.ts';
import { registerExtractMssqlTable } from './activities/extract-mssql-table.ts';
import { registerFlattenImdbDataSet } from './activities/flatten-imdb-data-set.ts';
import { registerMergeSilverTable } from './activities/merge-silver-table.ts';
import { registerPlanImdbCopy } from './activities/plan-imdb-copy.ts';
import { registerPlanMssqlExtract } from './activities/plan-mssql-extract.ts';
import { registerReconcileSilverTable } from './activities/reconcile-silver-table.ts';
import { registerRecordRun } from './activities/record-run.ts';
import { registerRefuseImdbDelivery } from './activities/refuse-imdb-delivery.ts';
import type { Services } from './services.ts';
import { registerEventGridImdbLanded } from './triggers/eventgrid-imdb-landed.ts';
import { registerHttpHealth } from './triggers/http-health.ts';
import { registerHttpPipelines } from './triggers/http-pipelines.ts';
import { registerHttpRuns } from './triggers/http-runs.ts';
import { registerTimers } from './triggers/timer-pipelines.ts';

const config = readConfig(process.env);

const services: Services = {
  store: lazyStore(() => connectLake(config.lake)),
  clock: systemClock,
  youflixSqlConnection: config.youflixSqlConnection,
  imdbLanding: lazyLanding(() => connectLanding(config.imdbLanding)),
  imdbExpansion: config.imdbExpansion,
  duckdb: config.duckdb,
  retryFirstIntervalMs: config.retryFirstIntervalMs,
};

registerHttpRuns(services);
registerHttpPipelines(services);
registerHttpHealth(services);
registerTimers(services);
registerEventGridImdbLanded(services);

df.app.orchestration('youflix', youflix);
df.app.orchestration('mssql-table', mssqlTable);
df.app.orchestration('imdb', imdb);
df.app.orchestration('imdb-data-set', imdbDataSet);

registerPlanMssqlExtract(services);
registerExtractMssqlTable(services);
registerMergeSilverTable(services);
registerReconcileSilverTable(services);
registerCommitWatermark(services);
registerPlanImdbCopy(services);
registerCopyImdbDataSet(services);
registerFlattenImdbDataSet(services);
registerCommitImdbDelivery(services);
registerRefuseImdbDelivery(services);
registerCountImdbOrphans(services);
registerRecordRun(services);

async function connectLake(lake: AppConfig['lake']): Promise<LakeStore> {
  const [{ lakeClient }, { azureLakeStore }] = await Promise.all([
    import('../shared/azure/lake-client.ts'),
    import('../shared/azure/lake-store.ts'),
  ]);
  return azureLakeStore(await lakeClient(lake));
}

async function connectLanding(landing: AppConfig['imdbLanding']): Promise<Landing> {
  const { blobLanding } = await import('../shared/azure/blob-landing.ts');
  return blobLanding(landing);
}
