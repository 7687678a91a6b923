/** Composition root: settings in, clients made once, every trigger, orchestrator and activity registered. */
import * as df from 'durable-functions';
import { imdb } from '../orchestrations/imdb.ts';
import { imdbDataSet } from '../orchestrations/imdb-data-set.ts';
import { mssqlTable } from '../orchestrations/mssql-table.ts';
import { tmdb } from '../orchestrations/tmdb.ts';
import { tmdbList } from '../orchestrations/tmdb-list.ts';
import { tmdbTransform } from '../orchestrations/tmdb-transform.ts';
import { youflix } from '../orchestrations/youflix.ts';
import { systemClock } from '../shared/clock.ts';
import { type AppConfig, readConfig } from '../shared/config.ts';
import type { EventPublisher } from '../shared/events/lake-event.ts';
import { once } from '../shared/once.ts';
import type { Landing } from '../shared/sources/imdb/landing.ts';
import { lazyLanding } from '../shared/sources/imdb/lazy-landing.ts';
import type { TmdbClient } from '../shared/sources/tmdb/client.ts';
import { lazyStore } from '../shared/storage/lazy-store.ts';
import type { LakeStore } from '../shared/storage/store.ts';
import { registerCommitImdbDelivery } from './activities/commit-imdb-delivery.ts';
import { registerCommitWatermark } from './activities/commit-watermark.ts';
import { registerCopyImdbDataSet } from './activities/copy-imdb-data-set.ts';
import { registerCountImdbOrphans } from './activities/count-imdb-orphans.ts';
import { registerExtractMssqlTable } from './activities/extract-mssql-table.ts';
import { registerFlattenImdbDataSet } from './activities/flatten-imdb-data-set.ts';
import { registerIngestTmdbList } from './activities/ingest-tmdb-list.ts';
import { registerIngestTmdbLookups } from './activities/ingest-tmdb-lookups.ts';
import { registerMergeSilverTable } from './activities/merge-silver-table.ts';
import { registerPlanImdbCopy } from './activities/plan-imdb-copy.ts';
import { registerPlanMssqlExtract } from './activities/plan-mssql-extract.ts';
import { registerPublishEvents } from './activities/publish-events.ts';
import { registerQueueTmdbEvent } from './activities/queue-tmdb-event.ts';
import { registerReconcileSilverTable } from './activities/reconcile-silver-table.ts';
import { registerRecordRun } from './activities/record-run.ts';
import { registerRefuseImdbDelivery } from './activities/refuse-imdb-delivery.ts';
import { registerTransformTmdbList } from './activities/transform-tmdb-list.ts';
import type { Services } from './services.ts';
import { registerEventGridImdbLanded } from './triggers/eventgrid-imdb-landed.ts';
import { registerEventGridTmdbListLanded } from './triggers/eventgrid-tmdb-list-landed.ts';
import { registerHttpHealth } from './triggers/http-health.ts';
import { registerHttpPipelines } from './triggers/http-pipelines.ts';
import { registerHttpRepublications } from './triggers/http-republications.ts';
import { registerHttpRuns } from './triggers/http-runs.ts';
import { registerTimers } from './triggers/timer-pipelines.ts';

const config = readConfig(process.env);

/** For one page, which is a few kilobytes. */
const tmdbTimeoutMs = 15_000;

const services: Services = {
  store: lazyStore(() => connectLake(config.lake)),
  clock: systemClock,
  youflixSqlConnection: config.youflixSqlConnection,
  imdbLanding: lazyLanding(() => connectLanding(config.imdbLanding)),
  imdbExpansion: config.imdbExpansion,
  tmdb: { maxPages: config.tmdb.maxPages, client: once(() => connectTmdb(config.tmdb)) },
  events: once(() => connectTopic(config.eventTopic)),
  duckdb: config.duckdb,
  retryFirstIntervalMs: config.retryFirstIntervalMs,
};

registerHttpRuns(services);
registerHttpPipelines(services);
registerHttpRepublications(services);
registerHttpHealth(services);
registerTimers(services);
registerEventGridImdbLanded(services);
registerEventGridTmdbListLanded(services);

df.app.orchestration('youflix', youflix);
df.app.orchestration('mssql-table', mssqlTable);
df.app.orchestration('imdb', imdb);
df.app.orchestration('imdb-data-set', imdbDataSet);
df.app.orchestration('tmdb', tmdb);
df.app.orchestration('tmdb-list', tmdbList);
df.app.orchestration('tmdb-transform', tmdbTransform);

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
registerIngestTmdbLookups(services);
registerIngestTmdbList(services);
registerQueueTmdbEvent(services);
registerPublishEvents(services);
registerTransformTmdbList(services);
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

async function connectTmdb(tmdb: AppConfig['tmdb']): Promise<TmdbClient> {
  const { tmdbClient } = await import('../shared/sources/tmdb/client.ts');
  return tmdbClient({ ...tmdb, timeoutMs: tmdbTimeoutMs });
}

async function connectTopic(topic: AppConfig['eventTopic']): Promise<EventPublisher> {
  const { eventPublisher } = await import('../shared/azure/event-publisher.ts');
  return eventPublisher(topic);
}
