import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pipelines } from '../../functions/pipelines.ts';
import { localCertificates } from '../../local/certificates.ts';
import { appSettings, defaultPort, portsFrom } from '../../local/settings.ts';
import { readConfig, settingNames } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { projectRoot } from '../source-files.ts';

const required = {
  LAKE_URL: 'https://youflixlake.dfs.core.windows.net',
  YOUFLIX_SQL_CONNECTION: 'Server=tcp:db.example.net;Database=youflix;User Id=app;Password=s3cret-word',
  YOUFLIX_SCHEDULE: '0 0 2 * * *',
  IMDB_LANDING_URL: 'https://imdblanding.blob.core.windows.net',
  IMDB_SCHEDULE: '0 0 5 * * *',
  TMDB_API_TOKEN: 'a-t0ken',
  TMDB_SCHEDULE: '0 0 6 * * *',
  EVENT_GRID_ENDPOINT: 'https://youflix-lake.westeurope-1.eventgrid.azure.net/api/events',
};

function refusal(environment: Record<string, string | undefined>): ConfigError {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('settings that will do', () => {
  test('the required ones, and defaults for the rest', () => {
    expect(readConfig(required)).toEqual({
      lake: { url: required.LAKE_URL, accountKey: undefined },
      youflixSqlConnection: required.YOUFLIX_SQL_CONNECTION,
      imdbLanding: { url: required.IMDB_LANDING_URL, accountKey: undefined, container: 'imdb' },
      imdbExpansion: { maxBytes: 50 * 1024 ** 3, maxRatio: 100 },
      tmdb: { url: 'https://api.themoviedb.org', token: 'a-t0ken', maxPages: 50, requestsPerSecond: 40 },
      eventTopic: { endpoint: required.EVENT_GRID_ENDPOINT, key: undefined, schema: 'cloudevents' },
      duckdb: { memoryMb: 256, threads: 2 },
      retryFirstIntervalMs: 15_000,
    });
  });

  test('all of them, whatever else the environment holds', () => {
    const config = readConfig({
      ...required,
      LAKE_ACCOUNT_KEY: 'a2V5',
      DUCKDB_MEMORY_MB: '512',
      DUCKDB_THREADS: '8',
      RETRY_FIRST_INTERVAL_SECONDS: '0.5',
      PATH: '/bin',
    });
    expect(config).toMatchObject({
      lake: { accountKey: 'a2V5' },
      duckdb: { memoryMb: 512, threads: 8 },
      retryFirstIntervalMs: 500,
    });
  });

  test('an empty value is one that is not set', () => {
    expect(readConfig({ ...required, LAKE_ACCOUNT_KEY: '', DUCKDB_THREADS: '' })).toEqual(readConfig(required));
  });
});

describe('settings that will not', () => {
  test('everything missing is one error that names it all', () => {
    const { message, code } = refusal({ YOUFLIX_SCHEDULE: '' });
    expect(code).toBe('settings');
    expect(message).toContain(`${Object.keys(required).length} setting(s)`);
    for (const name of Object.keys(required)) expect(message).toContain(`${name} is missing: expected`);
    expect(message).toContain('local.settings.json');
  });

  test('missing and bad ones are named together, each with what was expected', () => {
    const { message } = refusal({
      ...required,
      LAKE_URL: 'youflixlake',
      YOUFLIX_SQL_CONNECTION: undefined,
      DUCKDB_MEMORY_MB: 'plenty',
      DUCKDB_THREADS: '1.5',
      RETRY_FIRST_INTERVAL_SECONDS: '-1',
    });
    expect(message.split('\n').slice(1)).toEqual([
      "  LAKE_URL is not valid: expected the storage account's dfs URL, such as https://youflixlake.dfs.core.windows.net",
      '  YOUFLIX_SQL_CONNECTION is missing: expected a SQL Server connection string',
      '  DUCKDB_MEMORY_MB is not valid: expected a whole number above 0',
      '  DUCKDB_THREADS is not valid: expected a whole number above 0',
      '  RETRY_FIRST_INTERVAL_SECONDS is not valid: expected a number above 0',
    ]);
  });

  test.each(['ftp://lake.example.net', 'file:///etc/passwd', 'not a url'])('LAKE_URL %s', url => {
    expect(refusal({ ...required, LAKE_URL: url }).message).toContain('LAKE_URL is not valid');
  });

  test.each(['0', '-4', 'NaN', 'Infinity', '1e400'])('DUCKDB_MEMORY_MB %s', value => {
    expect(refusal({ ...required, DUCKDB_MEMORY_MB: value }).message).toContain('DUCKDB_MEMORY_MB is not valid');
  });

  test('no value is ever shown, because it may be a secret', () => {
    const secret = 'Tr0ub4dor';
    const values = Object.fromEntries(settingNames.map(name => [name, secret]));
    const error = refusal(values);
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(secret);
  });
});

describe('the sample and the page say the same', () => {
  const sample = JSON.parse(readFileSync(join(projectRoot, 'local.settings.sample.json'), 'utf8')) as {
    readonly IsEncrypted: boolean;
    readonly Values: Readonly<Record<string, string>>;
  };
  const [, appPart = '', hostPart = ''] = readFileSync(join(projectRoot, 'docs/settings.md'), 'utf8').split(/^## /m);
  const documented = [...appPart.matchAll(/^\| `(\w+)` \| (required|none|`([^`]+)`) \|/gm)].map(match => ({
    name: match[1] ?? '',
    required: match[2] === 'required',
    byDefault: match[3] ?? '',
  }));
  const ofTheHost = [...hostPart.matchAll(/^\| `(\w+)` \|/gm)].map(match => match[1]);

  test('the sample is what the local command writes for the default ports', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
    const { caFile } = await localCertificates(folder);
    await rm(folder, { recursive: true });
    const authority = `.data/certificates/${basename(caFile)}`;
    expect(sample).toEqual({ IsEncrypted: false, Values: appSettings(portsFrom(defaultPort), authority) });
    expect(readConfig(sample.Values).retryFirstIntervalMs).toBe(1000);
  });

  test('each setting is in all three places', () => {
    expect(documented.map(({ name }) => name)).toEqual(settingNames);
    expect(Object.keys(sample.Values).sort()).toEqual([...settingNames, ...ofTheHost].sort());
  });

  test.each(documented.filter(setting => setting.required))('$name is required', ({ name }) => {
    expect(refusal({ ...sample.Values, [name]: undefined }).message).toContain(`${name} is missing`);
  });

  test.each(documented.filter(setting => !setting.required))('$name has the default the page gives', setting => {
    const { [setting.name]: _, ...others } = sample.Values;
    expect(readConfig(others)).toEqual(readConfig({ ...others, [setting.name]: setting.byDefault }));
  });

  test('the schedule of every pipeline is a setting', () => {
    for (const { scheduleSetting } of pipelines) expect(settingNames).toContain(scheduleSetting);
  });
});
