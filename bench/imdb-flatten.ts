/**
 * Flatten of all silver tables from bronze, against bare DuckDB running the same SELECTs to Parquet files with the same memory limit,
 * two threads, no checks and no table format. Then a second delivery of five million lines in which one in a hundred changed.
 */
import { join } from 'node:path';
import { measure } from './child-process.ts';
import { type Measurement, median } from './claim.ts';
import { makeBronze } from './imdb-flatten/data.ts';
import type { Again, Side } from './imdb-flatten/side.ts';

export const name = 'imdb-flatten';
export const goal =
  'speed at least 0.7 x, under 512 MiB with 5 M lines, files rewritten at most those that hold a change';

const speed = 0.7;
const memoryMiB = 512;
const rounds = 5;
const script = join(import.meta.dirname, 'imdb-flatten', 'side.ts');

export async function run(): Promise<Measurement[]> {
  await makeBronze('all');
  const ours: number[] = [];
  const anchor: number[] = [];
  for (let round = 0; round < rounds; round++) {
    anchor.push((await measure<Side>(script, ['anchor'])).seconds);
    ours.push((await measure<Side>(script, ['ours'])).seconds);
  }
  const ratio = median(anchor.map((seconds, round) => seconds / (ours[round] ?? Number.NaN)));

  await makeBronze('principals');
  const again = await measure<Again>(script, ['again']);
  const { filesRewritten, filesChanged, peakMiB } = again;
  return [
    { case: 'all tables', ours: median(ours), anchor: median(anchor), ratio, unit: 's', ok: ratio >= speed },
    {
      case: 'memory',
      ours: peakMiB,
      anchor: memoryMiB,
      ratio: peakMiB / memoryMiB,
      unit: 'MiB',
      ok: peakMiB < memoryMiB,
    },
    {
      case: `second delivery (of ${again.files} files)`,
      ours: filesRewritten,
      anchor: filesChanged,
      ratio: filesRewritten / filesChanged,
      unit: 'files',
      ok: filesRewritten <= filesChanged,
    },
  ];
}
