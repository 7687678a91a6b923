/** The local cloud: every stand-in, and the app on top. One data folder holds all of it and can be deleted. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type AppProcess, startApp } from './app-process.ts';
import { localCertificates } from './certificates.ts';
import { FaultTable } from './faults.ts';
import { startEventGrid } from './servers/event-grid/event-grid.ts';
import { createEngine } from './servers/sqlserver/engine.ts';
import { startSqlServer } from './servers/sqlserver/server.ts';
import { startStorage } from './servers/storage/server.ts';
import { startTmdb } from './servers/tmdb/server.ts';
import {
  appSettings,
  connectionString,
  database,
  deadLetterContainer,
  eventSubscriptions,
  eventTimeScale,
  eventTopic,
  fileSystems,
  type LandingAddress,
  landingAccount,
  landingAddress,
  type Ports,
  storageAccount,
  tmdbToken,
} from './settings.ts';

export interface CloudOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  readonly faults?: FaultTable;
  /** The titles that TMDB knows: those of the IMDb generator. Default: seed 1, 5,000 titles, as the landing is seeded. */
  readonly movies?: { readonly seed: number; readonly titles: number };
  /** A factor on the waits between attempts to deliver an event. Default: the cloud's own, a tenth of the service's. */
  readonly eventTimeScale?: number;
  /** Settings on top of the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Service {
  readonly name: string;
  readonly url: string;
  /** A folder, or what else it answers from. */
  readonly data: string;
}

export interface Cloud {
  readonly dataDir: string;
  readonly services: readonly Service[];
  readonly faults: FaultTable;
  /** The app's settings, as they are in its local.settings.json. */
  readonly settings: Readonly<Record<string, string>>;
  /** For clients in this process, which was started before the local certificate authority existed. */
  readonly connectionString: string;
  /** Where IMDb files are delivered to. */
  readonly landing: LandingAddress;
  /** Starts the app; after a kill, again, on the same port and state. */
  startApp(): Promise<AppProcess>;
  close(): Promise<void>;
}

/** @throws Error when a port is taken, naming the stand-in and the port */
export async function raiseCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir } = options;
  const faults = options.faults ?? new FaultTable();
  const folder = (name: string): string => {
    const path = join(dataDir, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const certificates = await localCertificates(folder('certificates'));
  const hostPort = options.ports.host === 0 ? await freePort() : options.ports.host;
  const eventLog = join(folder('logs'), 'event-grid.log');
  const eventGrid = await startEventGrid({
    folder: folder('event-grid'),
    port: options.ports.eventGrid,
    topics: [{ name: eventTopic.name, keys: [eventTopic.key], schema: 'cloudevents' }],
    deadLetterFolder: join(folder('landing'), deadLetterContainer),
    subscriptions: eventSubscriptions(hostPort),
    timeScale: options.eventTimeScale ?? eventTimeScale,
    faults,
    log: line => appendFileSync(eventLog, `${new Date().toISOString()} ${line}\n`),
  });
  const storage = await startStorage({
    port: options.ports.storage,
    root: folder('lake'),
    accounts: [
      storageAccount,
      { ...landingAccount, root: folder('landing'), fileSystems: [landingAccount.container, deadLetterContainer] },
    ],
    fileSystems,
    events: eventGrid.publish,
    faults,
  });
  const engine = await createEngine({
    file: join(folder('sqlserver'), 'youflix.duckdb'),
    databaseName: database.name,
    logins: [{ user: database.user, password: database.password }],
  });
  const sqlserver = await startSqlServer({ port: options.ports.sqlserver, engine, tls: certificates, faults });

  const movies = options.movies ?? { seed: 1, titles: 5000 };
  const tmdb = await startTmdb({ port: options.ports.tmdb, token: tmdbToken, ...movies, faults });

  const ports: Ports = {
    host: hostPort,
    storage: Number(new URL(storage.url).port),
    sqlserver: sqlserver.port,
    tmdb: Number(new URL(tmdb.url).port),
    eventGrid: Number(new URL(eventGrid.url).port),
  };
  const settingsFile = join(dataDir, 'local.settings.json');
  const values = { ...appSettings(ports, certificates.caFile), ...options.settings };
  writeFileSync(settingsFile, `${JSON.stringify({ IsEncrypted: false, Values: values }, null, 2)}\n`);

  const landing = landingAddress(ports);
  const apps: Promise<AppProcess>[] = [];
  return {
    dataDir,
    faults,
    settings: values,
    connectionString: `${connectionString(ports.sqlserver)};TrustServerCertificate=true`,
    landing,
    services: [
      {
        name: 'ADLS Gen2',
        url: `http://127.0.0.1:${ports.storage}/${storageAccount.name}`,
        data: join(dataDir, 'lake'),
      },
      { name: 'IMDb landing', url: `${landing.url}/${landing.container}`, data: join(dataDir, 'landing') },
      {
        name: 'Event Grid',
        url: eventGrid.url,
        data: join(dataDir, 'event-grid'),
      },
      { name: 'TMDB', url: tmdb.url, data: `${movies.titles.toLocaleString('en-US')} titles, seed ${movies.seed}` },
      { name: 'SQL Server', url: `127.0.0.1,${ports.sqlserver} (${database.name})`, data: join(dataDir, 'sqlserver') },
      { name: 'Functions host', url: `http://127.0.0.1:${ports.host}/api`, data: join(dataDir, 'host') },
    ],
    startApp() {
      const app = startApp({
        port: ports.host,
        dataDir: folder('host'),
        settingsFile,
        certificateAuthority: certificates.caFile,
        logFile: join(dataDir, 'logs', 'host.log'),
      });
      apps.push(app);
      return app;
    },
    async close() {
      // An app that is still starting has to be up before it can be stopped.
      for (const app of await Promise.allSettled(apps)) if (app.status === 'fulfilled') await app.value.stop();
      await sqlserver.close();
      await engine.close();
      await storage.close();
      await tmdb.close();
      await eventGrid.close();
    },
  };
}

/**
 * A port that nobody listens on now. Below those that systems give out when asked for any: up there, the next server to ask could get the
 * very one that the app is to have in a moment.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  const free = await promise;
  if (free) await new Promise(closed => server.close(closed));
  return free;
}
