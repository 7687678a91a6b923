import { countingRetries } from '../../shared/retry.ts';
import type { StepReceipt } from '../../shared/runs/run-record.ts';

type Figures = Pick<StepReceipt, 'rowsIn' | 'rowsOut' | 'bytes' | 'path' | 'counts'>;

/** Does a step's work and writes its receipt: what the work says of itself, how long it took, how often a call was repeated. */
export async function measuredStep<T>(
  name: string,
  table: string,
  work: () => Promise<T>,
  figures: (result: T) => Figures,
): Promise<{ readonly result: T; readonly step: StepReceipt }> {
  const startedMs = performance.now();
  const { result, retries } = await countingRetries(work);
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { rowsIn, rowsOut, bytes, path, counts } = figures(result);
  const step = { name, table, rowsIn, rowsOut, bytes, path, seconds, retries };
  return { result, step: counts === undefined ? step : { ...step, counts } };
}
