/** The local cloud's names, keys and ports, and the settings that point the app at it. None of them is a secret. */
import type { EventSubscription } from './servers/event-grid/subscription.ts';

/** The account and key that every storage emulator uses (documented by Azurite), under our account's name. */
export const storageAccount = {
  name: 'youflixlake',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

export const fileSystems = ['bronze', 'silver', 'gold', 'quarantine', 'control'];

/** The account that others deliver to: the lake reads it and nothing more. */
export const landingAccount = {
  name: 'imdblanding',
  key: 'bG9jYWwgY2xvdWQ6IHRoZSBrZXkgb2YgdGhlIElNRGIgbGFuZGluZyBhY2NvdW50LCBubyBzZWNyZXQgYXQgYWxsLg==',
  container: 'imdb',
};

/** A container, and the account that may write to it. */
export interface LandingAddress {
  /** Of the account, such as `http://127.0.0.1:7072/imdblanding`. */
  readonly url: string;
  readonly accountName: string;
  readonly accountKey: string;
  readonly container: string;
}

export function landingAddress({ storage }: Ports): LandingAddress {
  const { name, key, container } = landingAccount;
  return { url: `http://127.0.0.1:${storage}/${name}`, accountName: name, accountKey: key, container };
}

/** In the landing account: where events go that nobody takes. */
export const deadLetterContainer = 'dead-letters';

/** The service waits ten seconds before it tries again to deliver an event; a laptop's user is not to wait that long. */
export const eventTimeScale = 0.1;

/** Who hears of what. The name of the function is the app's, as it is in the subscriptions that infra/ makes in Azure. */
export function eventSubscriptions(hostPort: number): EventSubscription[] {
  return [
    {
      name: 'imdb-landed',
      topic: landingAccount.name,
      includedEventTypes: ['Microsoft.Storage.BlobCreated'],
      subjectBeginsWith: `/blobServices/default/containers/${landingAccount.container}/`,
      webhookUrl: `http://127.0.0.1:${hostPort}/runtime/webhooks/eventgrid?functionName=imdb-landed`,
      deadLetter: true,
    },
    {
      name: 'tmdb-list-landed',
      topic: eventTopic.name,
      includedEventTypes: ['youflix.tmdb.list-landed.v1'],
      webhookUrl: `http://127.0.0.1:${hostPort}/runtime/webhooks/eventgrid?functionName=tmdb-list-landed`,
      deadLetter: true,
    },
  ];
}

/** The topic on which the lake says what has happened in it. */
export const eventTopic = {
  name: 'youflix-lake',
  key: 'bG9jYWwgY2xvdWQ6IHRoZSBrZXkgb2YgdGhlIHRvcGljLCBubyBzZWNyZXQgYXQgYWxsLg==',
};

/** What the TMDB stand-in takes for a token. */
export const tmdbToken = 'local-cloud-tmdb-token';

export const database = { name: 'youflix', user: 'youflix_app', password: 'Local-cloud-1' };

export interface Ports {
  readonly host: number;
  readonly storage: number;
  readonly sqlserver: number;
  readonly tmdb: number;
  readonly eventGrid: number;
}

/** One number moves everything: the host has it, the stand-ins have the next ones. 0 means any free port, for each. */
export function portsFrom(first: number): Ports {
  const at = (offset: number): number => (first === 0 ? 0 : first + offset);
  return { host: at(0), storage: at(1), sqlserver: at(2), tmdb: at(3), eventGrid: at(4) };
}

export const defaultPort = 7071;

/** For clients outside the app: the generator, the simulator, a person's own tool. */
export function connectionString(port: number): string {
  return `Server=127.0.0.1,${port};Database=${database.name};User Id=${database.user};Password=${database.password};Encrypt=true`;
}

/**
 * The `Values` of local.settings.json. `certificateAuthority` is the file that clients of the local SQL Server must trust.
 * local.settings.sample.json is this for the default ports.
 */
export function appSettings(ports: Ports, certificateAuthority: string): Record<string, string> {
  const landing = landingAddress(ports);
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    // Rows live briefly: a small young generation halves the memory of an extract and costs no time (bench/extract.ts).
    languageWorkers__node__arguments: '--max-semi-space-size=8',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    NODE_EXTRA_CA_CERTS: certificateAuthority,
    LAKE_URL: `http://127.0.0.1:${ports.storage}/${storageAccount.name}`,
    LAKE_ACCOUNT_KEY: storageAccount.key,
    YOUFLIX_SQL_CONNECTION: connectionString(ports.sqlserver),
    YOUFLIX_SCHEDULE: '0 0 2 * * *',
    IMDB_LANDING_URL: landing.url,
    IMDB_LANDING_ACCOUNT_KEY: landing.accountKey,
    IMDB_LANDING_CONTAINER: landing.container,
    IMDB_SCHEDULE: '0 0 5 * * *',
    IMDB_MAX_EXPANDED_GB: '50',
    IMDB_MAX_EXPANSION_RATIO: '100',
    TMDB_API_URL: `http://127.0.0.1:${ports.tmdb}`,
    TMDB_API_TOKEN: tmdbToken,
    TMDB_MAX_PAGES: '10',
    TMDB_REQUESTS_PER_SECOND: '40',
    TMDB_SCHEDULE: '0 0 6 * * *',
    EVENT_GRID_ENDPOINT: `http://127.0.0.1:${ports.eventGrid}/topics/${eventTopic.name}/api/events`,
    EVENT_GRID_KEY: eventTopic.key,
    EVENT_GRID_SCHEMA: 'cloudevents',
    DUCKDB_MEMORY_MB: '256',
    DUCKDB_THREADS: '2',
    RETRY_FIRST_INTERVAL_SECONDS: '1',
  };
}
