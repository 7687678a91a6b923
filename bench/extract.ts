/** SQL Server to bronze CSV, against the bare driver; and that memory does not grow with the table. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { appSettings, portsFrom } from '../local/settings.ts';
import { measure, serve } from './child-process.ts';
import { type Measurement, median } from './claim.ts';

export const name = 'extract';
export const goal =
  'rows/s at least 0.6 x the bare driver; memory flat within 10 % from 100 thousand to 1 million rows, under 300 MiB';

interface Side {
  readonly rows: number;
  readonly seconds: number;
  readonly peakMiB: number;
}

const pairs = 3;

export async function run(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'youflix-bench-'));
  const script = (file: string): string => join(import.meta.dirname, 'extract', file);
  const cloud = await serve<{ connection: string; lakeUrl: string }>(script('cloud.ts'), [folder, 'large']);
  try {
    const { connection, lakeUrl } = cloud.ready;
    const bundle = await bundled(script('ours.ts'));
    const ours = (rows: number): Promise<Side> =>
      measure<Side>(bundle, [connection, lakeUrl, String(rows)], workerOptions);
    const bare = (): Promise<Side> => measure<Side>(script('bare.ts'), [connection, '0']);
    const small = await ours(100_000);
    const sides: { ours: Side; bare: Side }[] = [];
    for (let pair = 0; pair < pairs; pair++) sides.push({ ours: await ours(0), bare: await bare() });
    const speed = (side: Side): number => side.rows / side.seconds;
    const ratio = median(sides.map(side => speed(side.ours) / speed(side.bare)));
    const peak = median(sides.map(side => side.ours.peakMiB));
    const growth = peak / small.peakMiB;
    return [
      {
        case: 'speed',
        ours: median(sides.map(side => speed(side.ours))),
        anchor: median(sides.map(side => speed(side.bare))),
        ratio,
        unit: 'rows/s',
        ok: ratio >= 0.6,
      },
      {
        case: 'memory',
        ours: peak,
        anchor: small.peakMiB,
        ratio: growth,
        unit: 'MiB',
        ok: growth <= 1.1 && peak < 300,
      },
    ];
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
    await rm(bundleFolder, { recursive: true, force: true });
  }
}

/** Memory is a promise about the app as it is deployed: one bundle, under the settings we ship. */
const workerOptions = { NODE_OPTIONS: appSettings(portsFrom(0), '')['languageWorkers__node__arguments'] ?? '' };
const bundleFolder = join(import.meta.dirname, '..', '.data', 'bench-extract');

async function bundled(script: string): Promise<string> {
  const build = await rolldown({ input: { ours: script }, platform: 'node', external: /^@duckdb\// });
  await build.write({ dir: bundleFolder, format: 'esm' });
  return join(bundleFolder, 'ours.js');
}
