import type { RunRecord } from '../app-client.ts';
import type { Cloud } from '../cloud.ts';

export type Scale = 'small' | 'medium' | 'large';

export const scales: readonly Scale[] = ['small', 'medium', 'large'];

/** How one pipeline is shown from one command: what its source holds, and which runs it makes. */
export interface Scenario {
  readonly pipeline: string;
  /** Fills the source where it is empty. Returns one line on what is there. */
  seed(cloud: Cloud, options: { readonly scale: Scale; readonly seed: number }): Promise<string>;
  /** Makes the pipeline's runs against the app at `url`. `tell` says what happens between them. */
  play(cloud: Cloud, url: string, tell: Telling): Promise<void>;
}

export interface Telling {
  /** A line on what was done. */
  note(line: string): void;
  /** A run has ended, well or not. */
  ran(record: RunRecord): void;
}
