/** Every setting of the app, read once at start. Names and meaning: docs/settings.md. */
import * as z from 'zod';
import { ConfigError } from './errors.ts';

const wholeNumber = 'expected a whole number above 0';
const positiveInteger = z.coerce
  .number({ error: wholeNumber })
  .int({ error: wholeNumber })
  .positive({ error: wholeNumber });
const positiveNumber = 'expected a number above 0';

const settingsSchema = z.object({
  LAKE_URL: z.url({
    protocol: /^https?$/,
    error: "expected the storage account's dfs URL, such as https://youflixlake.dfs.core.windows.net",
  }),
  LAKE_ACCOUNT_KEY: z.string().min(1).optional(),
  YOUFLIX_SQL_CONNECTION: z.string({ error: 'expected a SQL Server connection string' }).min(1),
  YOUFLIX_SCHEDULE: z.string({ error: 'expected an NCRONTAB schedule, such as 0 0 2 * * *' }).min(1),
  IMDB_LANDING_URL: z.url({
    protocol: /^https?$/,
    error: "expected the landing account's Blob URL, such as https://imdblanding.blob.core.windows.net",
  }),
  IMDB_LANDING_ACCOUNT_KEY: z.string().min(1).optional(),
  IMDB_LANDING_CONTAINER: z.string().min(3).default('imdb'),
  IMDB_SCHEDULE: z.string({ error: 'expected an NCRONTAB schedule, such as 0 0 5 * * *' }).min(1),
  IMDB_MAX_EXPANDED_GB: positiveInteger.default(50),
  IMDB_MAX_EXPANSION_RATIO: positiveInteger.default(100),
  TMDB_API_URL: z.url({ protocol: /^https?$/ }).default('https://api.themoviedb.org'),
  TMDB_API_TOKEN: z.string({ error: "expected TMDB's API Read Access Token" }).min(1),
  TMDB_MAX_PAGES: positiveInteger.default(50),
  TMDB_REQUESTS_PER_SECOND: positiveInteger.default(40),
  TMDB_SCHEDULE: z.string({ error: 'expected an NCRONTAB schedule, such as 0 0 6 * * *' }).min(1),
  EVENT_GRID_ENDPOINT: z.url({
    protocol: /^https?$/,
    error: "expected the topic's endpoint, such as https://youflix-lake.westeurope-1.eventgrid.azure.net/api/events",
  }),
  EVENT_GRID_KEY: z.string().min(1).optional(),
  EVENT_GRID_SCHEMA: z.enum(['cloudevents', 'eventgrid']).default('cloudevents'),
  DUCKDB_MEMORY_MB: positiveInteger.default(256),
  DUCKDB_THREADS: positiveInteger.default(2),
  RETRY_FIRST_INTERVAL_SECONDS: z.coerce
    .number({ error: positiveNumber })
    .positive({ error: positiveNumber })
    .default(15),
});

/** Each is in local.settings.sample.json and docs/settings.md too; a test compares the three. */
export const settingNames: readonly string[] = Object.keys(settingsSchema.shape);

export interface AppConfig {
  readonly lake: { readonly url: string; readonly accountKey: string | undefined };
  readonly youflixSqlConnection: string;
  readonly imdbLanding: {
    readonly url: string;
    readonly accountKey: string | undefined;
    readonly container: string;
  };
  readonly imdbExpansion: { readonly maxBytes: number; readonly maxRatio: number };
  readonly tmdb: {
    readonly url: string;
    readonly token: string;
    readonly maxPages: number;
    readonly requestsPerSecond: number;
  };
  readonly eventTopic: {
    readonly endpoint: string;
    readonly key: string | undefined;
    readonly schema: 'cloudevents' | 'eventgrid';
  };
  readonly duckdb: { readonly memoryMb: number; readonly threads: number };
  /** First interval of the durable retry policy. */
  readonly retryFirstIntervalMs: number;
}

/** @throws ConfigError naming every missing or bad setting at once */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): AppConfig {
  // An empty value is how a settings file says "not set".
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(issue => {
      const name = issue.path.join('.');
      const state = name in given ? 'is not valid' : 'is missing';
      return `  ${name} ${state}: ${issue.message}`;
    });
    throw new ConfigError(
      `The app cannot start, ${problems.length} setting(s) to mend in local.settings.json or the app settings:\n${problems.join('\n')}`,
      { code: 'settings' },
    );
  }
  const settings = parsed.data;
  return {
    lake: { url: settings.LAKE_URL, accountKey: settings.LAKE_ACCOUNT_KEY },
    youflixSqlConnection: settings.YOUFLIX_SQL_CONNECTION,
    imdbLanding: {
      url: settings.IMDB_LANDING_URL,
      accountKey: settings.IMDB_LANDING_ACCOUNT_KEY,
      container: settings.IMDB_LANDING_CONTAINER,
    },
    imdbExpansion: {
      maxBytes: settings.IMDB_MAX_EXPANDED_GB * 1024 ** 3,
      maxRatio: settings.IMDB_MAX_EXPANSION_RATIO,
    },
    tmdb: {
      url: settings.TMDB_API_URL,
      token: settings.TMDB_API_TOKEN,
      maxPages: settings.TMDB_MAX_PAGES,
      requestsPerSecond: settings.TMDB_REQUESTS_PER_SECOND,
    },
    eventTopic: {
      endpoint: settings.EVENT_GRID_ENDPOINT,
      key: settings.EVENT_GRID_KEY,
      schema: settings.EVENT_GRID_SCHEMA,
    },
    duckdb: { memoryMb: settings.DUCKDB_MEMORY_MB, threads: settings.DUCKDB_THREADS },
    retryFirstIntervalMs: settings.RETRY_FIRST_INTERVAL_SECONDS * 1000,
  };
}
