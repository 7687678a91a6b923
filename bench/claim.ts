/** What every file of this folder exports. A ratio below its goal's bound is good; a timing never fails a test. */
export interface Measurement {
  /** What was measured when a claim has several rows, such as `recent`. */
  readonly case?: string;
  readonly ours: number;
  /** The same work by the plainest competent means, measured in the same run. */
  readonly anchor: number;
  readonly ratio: number;
  readonly unit: string;
  /** Whether the goal was met on this machine, this time. */
  readonly ok: boolean;
}

export interface Claim {
  readonly name: string;
  /** The bound in words, such as `time at most 0.4 x the anchor's`. */
  readonly goal: string;
  run(): Promise<Measurement | readonly Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
