import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';

/** A client that nobody here wrote. */
export interface Outsider {
  readonly name: string;
  /**
   * Makes the client ready, from the registries where it is not there yet, and returns how it meets the lake.
   * @throws NotInstalled when it cannot be had here
   */
  install(): Promise<Meeting>;
}

/** Checks what the client sees of the lake. It may write only to places of its own. */
export type Meeting = (lake: FilledLake, checks: Checks) => Promise<void>;
