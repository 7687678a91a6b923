/** A raised lake over a landing container: what the acceptance tests of use case 2 stand on. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import { landingContainer } from '../../local/imdb/upload.ts';
import { ledgerPath, silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { readTable } from '../../shared/delta/read.ts';
import { sqlName } from '../../shared/duckdb/session.ts';
import { imdbTables } from '../../shared/silver/imdb/index.ts';
import type { ImdbLedger } from '../../shared/sources/imdb/ledger.ts';
import { withDeltaEngine } from './imdb/delta-engine.ts';
import { type RaisedLake, type RaiseOptions, raiseLake } from './raised-lake.ts';

/** Landing files by name. */
export type Files = Readonly<Record<string, Uint8Array>>;

export interface ImdbLake extends RaisedLake {
  /** The landing container, as whoever delivers sees it: every upload is an event. */
  readonly container: ContainerClient;
  /** Delivers files without an event, as if it had been lost. */
  land(files: Files): Promise<void>;
  ledger(): Promise<ImdbLedger>;
  /** The rows of a silver table, in the order of its key. */
  rows(table: string): Promise<readonly Record<string, unknown>[]>;
  /** Everything that the lake holds of a data set, by layer: files with their SHA-256. */
  holdings(dataSet: string): Promise<Holdings>;
}

export interface Holdings {
  readonly bronze: Readonly<Record<string, string>>;
  readonly silver: Readonly<Record<string, string>>;
}

export interface ImdbLakeOptions extends Pick<RaiseOptions, 'settings'> {
  /** In the landing container before the app starts. */
  readonly files?: Files;
}

/** Everything vanishes with the lake, its data folder included. */
export async function raiseImdbLake({ settings, files = {} }: ImdbLakeOptions): Promise<ImdbLake> {
  const lake = await raiseLake({ pipeline: 'imdb', settings, seed: cloud => layDown(cloud.dataDir, files) });
  return {
    ...lake,
    container: landingContainer(lake.cloud.landing),
    land: given => layDown(lake.cloud.dataDir, given),
    async ledger() {
      return JSON.parse(await readFile(join(lake.folder, ledgerPath('imdb')), 'utf8')) as ImdbLedger;
    },
    rows: table => silverRows(lake.folder, table),
    async holdings(dataSet) {
      const tables = imdbTables.filter(table => table.dataSet === dataSet).map(({ name }) => name);
      const silver = tables.map(async name => {
        const files = await lake.filesBelow(silverTablePath('imdb', name));
        return Object.entries(files).map(([path, digest]) => [`${name}/${path}`, digest] as const);
      });
      return {
        bronze: await lake.filesBelow(`bronze/imdb/${dataSet}`),
        silver: Object.fromEntries((await Promise.all(silver)).flat()),
      };
    },
  };
}

async function silverRows(folder: string, name: string): Promise<readonly Record<string, unknown>[]> {
  const key = imdbTables.find(table => table.name === name)?.key ?? [];
  return withDeltaEngine(folder, async engine => {
    await using silver = await readTable({ table: silverTablePath('imdb', name) }, engine);
    return engine.duckdb.rows(`FROM ${silver.relation} ORDER BY ${key.map(sqlName)}`);
  });
}

/** Straight into the folder of the stand-in, each file whole at once. */
async function layDown(dataDir: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const aside = join(dataDir, randomUUID());
    const path = join(dataDir, 'landing', 'imdb', name);
    await writeFile(aside, content);
    await mkdir(dirname(path), { recursive: true });
    await rename(aside, path);
  }
}
