/**
 * Faults that the local cloud commits on purpose, and the points at which it could.
 *
 * Every stand-in reports each operation twice: `before` its effect and `after` it (the effect is durable, the answer not yet
 * sent). A fault that fires `after` is the nasty one: the effect happened and only the answer is lost.
 */
import { type Random, randomFor } from './random.ts';

export type FaultPhase = 'before' | 'after';

export type FaultAction =
  /** Answer this HTTP status with the service's own error body. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly retryAfterSeconds?: number }
  /** Answer late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Cut the connection: no answer, or in mid-body once `afterBytes` of it went through (either direction). */
  | { readonly kind: 'reset'; readonly afterBytes?: number }
  /** TMDB: answer this body in place of the true one, or what the function makes of that; the rest where it is given. */
  | {
      readonly kind: 'body';
      readonly text: string | ((body: string) => string);
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Raise this SQL Server error, e.g. 1205 for a deadlock. Errors of class 20 and up also close the connection. */
  | { readonly kind: 'sql-error'; readonly number: number; readonly message?: string; readonly class?: number }
  /** Cut the connection after this many rows of a result were sent. */
  | { readonly kind: 'cut-after-rows'; readonly rows: number };

export interface Fault {
  /** The stand-in, by its folder name: `storage`, `sqlserver`, … */
  readonly service: string;
  /**
   * What to match, with `*` for any run of characters, ignoring case. Storage: `CREATE silver/youflix/*`, `APPEND path`,
   * `FLUSH path`, `RENAME target`, `DELETE path`, `GET path`, … (all of them: `servers/storage/README.md`). SQL Server: the
   * statement's text, or `LOGIN user`. The others: in the README of each.
   */
  readonly operation: string;
  /** Default `before`. */
  readonly phase?: FaultPhase;
  readonly action: FaultAction;
  /** Let this many matches pass first. Default 0. */
  readonly skip?: number;
  /** Fire this often, then never again. Default 1. */
  readonly times?: number;
  /** Fire on this share of the matches that are left, the same ones every time. Default 1. */
  readonly share?: number;
}

export interface OperationPoint {
  readonly service: string;
  readonly operation: string;
  readonly phase: FaultPhase;
}

export class FaultTable {
  readonly #faults: {
    readonly fault: Fault;
    readonly pattern: RegExp;
    readonly random: Random;
    skip: number;
    left: number;
    fired: number;
  }[] = [];
  readonly #listeners = new Set<(point: OperationPoint) => void | Promise<void>>();

  constructor(faults: readonly Fault[] = []) {
    for (const fault of faults) this.add(fault);
  }

  /** Returns the fault's tally, which goes on counting: a test that disturbs nothing proves nothing. */
  add(fault: Fault): { readonly fired: number } {
    const row = {
      fault,
      pattern: wildcard(fault.operation),
      random: randomFor(this.#faults.length, fault.operation, 0),
      skip: fault.skip ?? 0,
      left: fault.times ?? 1,
      fired: 0,
    };
    this.#faults.push(row);
    return row;
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** Hears of every point as it is passed; the operation waits for the listener. Returns the function that stops it. */
  observe(listener: (point: OperationPoint) => void | Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called by a stand-in at each point; gives the action to carry out there, if any. */
  async reach(service: string, operation: string, phase: FaultPhase): Promise<FaultAction | undefined> {
    for (const listener of this.#listeners) await listener({ service, operation, phase });
    for (const row of this.#faults) {
      const { fault } = row;
      if (row.left <= 0 || fault.service !== service || (fault.phase ?? 'before') !== phase) continue;
      if (!row.pattern.test(operation)) continue;
      if (row.skip > 0) {
        row.skip -= 1;
        continue;
      }
      if (!row.random.chance(fault.share ?? 1)) continue;
      row.left -= 1;
      row.fired += 1;
      return fault.action;
    }
    return undefined;
  }
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 'is');
}
