/** IMDb titles from the landing account to bronze Parquet, against bare DuckDB from file to file; and that memory does not grow. */
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { uploadLanding } from '../local/imdb/upload.ts';
import { appSettings, landingAccount, portsFrom } from '../local/settings.ts';
import { measure, serve } from './child-process.ts';
import { type Measurement, median } from './claim.ts';
import { writeTitles } from './imdb-copy/titles.ts';

export const name = 'imdb-copy';
export const goal =
  'rows/s at least 0.8 x bare DuckDB; memory at most 512 MiB, and flat within 20 % from 2 to 10 million rows';

interface Side {
  readonly rows: number;
  readonly seconds: number;
  readonly peakMiB: number;
}

const rows = 2_000_000;
const times = 5;
const pairs = 5;

export async function run(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'youflix-bench-'));
  const script = (file: string): string => join(import.meta.dirname, 'imdb-copy', file);
  const cloud = await serve<{ url: string }>(script('cloud.ts'), [join(folder, 'lake')]);
  try {
    const { url } = cloud.ready;
    const titles = await deliver(url, join(folder, 'landing'));
    const bundle = await bundled(script('ours.ts'));
    const ours = (path: string): Promise<Side> => measure<Side>(bundle, [url, path], workerOptions);
    const bare = (): Promise<Side> => measure<Side>(script('bare.ts'), [titles, join(folder, 'bare.parquet')]);
    const sides: { ours: Side; bare: Side }[] = [];
    for (let pair = 0; pair < pairs; pair++) sides.push({ ours: await ours(once), bare: await bare() });
    const large = await ours(manyTimes);
    const speed = (side: Side): number => side.rows / side.seconds;
    const ratio = median(sides.map(side => speed(side.ours) / speed(side.bare)));
    const small = median(sides.map(side => side.ours.peakMiB));
    const growth = large.peakMiB / small;
    return [
      {
        case: 'speed',
        ours: median(sides.map(side => speed(side.ours))),
        anchor: median(sides.map(side => speed(side.bare))),
        ratio,
        unit: 'rows/s',
        ok: ratio >= 0.8,
      },
      {
        case: 'memory',
        ours: large.peakMiB,
        anchor: small,
        ratio: growth,
        unit: 'MiB',
        ok: growth <= 1.2 && large.peakMiB <= 512,
      },
    ];
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
    await rm(bundleFolder, { recursive: true, force: true });
  }
}

const once = 'title.basics.tsv.gz';
/** Any other name of a data set will do. */
const manyTimes = 'title.akas.tsv.gz';

/** Delivers the titles once, and several times over as a gzip of several members. @returns the local file with them once */
async function deliver(url: string, folder: string): Promise<string> {
  await mkdir(folder);
  const titles = join(folder, once);
  await writeTitles(titles, rows);
  await copyFile(titles, join(folder, manyTimes));
  const member = await readFile(titles);
  for (let time = 1; time < times; time += 1) await appendFile(join(folder, manyTimes), member);
  const { name: accountName, key: accountKey, container } = landingAccount;
  await uploadLanding({ url: `${url}/${accountName}`, accountName, accountKey, container }, folder);
  return titles;
}

/** Memory is a promise about the app as it is deployed: bundled, under the settings we ship. */
const workerOptions = { NODE_OPTIONS: appSettings(portsFrom(0), '')['languageWorkers__node__arguments'] ?? '' };
const bundleFolder = join(import.meta.dirname, '..', '.data', 'bench-imdb-copy');

async function bundled(script: string): Promise<string> {
  const build = await rolldown({
    input: { ours: script, 'parquet-worker': join(import.meta.dirname, '../shared/parquet/parquet-worker.ts') },
    platform: 'node',
    external: ['parquet-wasm'],
  });
  await build.write({ dir: bundleFolder, format: 'esm' });
  return join(bundleFolder, 'ours.js');
}
