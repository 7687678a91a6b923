/**
 * Merge of 100 thousand changes into a table of 5 million rows in 16 files, against bare DuckDB writing the whole table anew in one
 * statement with two threads. Each side runs in a process of its own, in turns, so that peak memory is its own too.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Measurement, median } from './claim.ts';
import { type Case, makeData } from './merge/data.ts';

export const name = 'merge';
export const goal = 'time at most 0.4 x (recent) and 1.2 x (scattered) the whole rewrite, under 512 MiB';

const bounds: Readonly<Record<Case, number>> = { recent: 0.4, scattered: 1.2 };
const memoryMiB = 512;
const rounds = 3;

interface Side {
  readonly seconds: number;
  readonly peakMiB: number;
}

export async function run(): Promise<Measurement[]> {
  await makeData();
  const measured: Measurement[] = [];
  let peakMiB = 0;
  for (const which of Object.keys(bounds) as Case[]) {
    const ours: number[] = [];
    const anchor: number[] = [];
    for (let round = 0; round < rounds; round++) {
      anchor.push((await runSide('anchor', which)).seconds);
      const side = await runSide('ours', which);
      ours.push(side.seconds);
      peakMiB = Math.max(peakMiB, side.peakMiB);
    }
    const ratio = median(ours.map((seconds, round) => seconds / (anchor[round] ?? Number.NaN)));
    measured.push({
      case: which,
      ours: median(ours),
      anchor: median(anchor),
      ratio,
      unit: 's',
      ok: ratio <= bounds[which],
    });
  }
  const ratio = peakMiB / memoryMiB;
  measured.push({ case: 'memory', ours: peakMiB, anchor: memoryMiB, ratio, unit: 'MiB', ok: ratio < 1 });
  return measured;
}

async function runSide(side: 'ours' | 'anchor', which: Case): Promise<Side> {
  const script = join(import.meta.dirname, 'merge', 'side.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, side, which]);
  return JSON.parse(stdout) as Side;
}
