/** The platform alive: people sign up, upgrade, pause, cancel and leave, through the same door as any client of SQL Server. */
import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'mssql';
import { type Random, randomFor } from '../random.ts';
import type { Change, ChangeContext, ChangedRow } from './change.ts';
import { withDatabase } from './database.ts';
import { cancel, pause, reprice, resume, upgrade } from './subscription-changes.ts';
import { isTransient } from './transient-errors.ts';
import { editProfile, hardDelete, signUp, softDelete } from './user-changes.ts';

const usualChanges: readonly Change[] = [signUp, editProfile, upgrade, cancel, pause, resume, softDelete, reprice];

export interface SimulatorOptions {
  readonly connection: string;
  /** Together with what the database holds, decides every change. */
  readonly seed: number;
  /** Also remove accounts for good, which no watermark shows. Default false. */
  readonly hardDeletes?: boolean;
}

export interface SimulationReport {
  /** Changes made, by kind. */
  readonly changes: Readonly<Record<string, number>>;
  /** Distinct rows that were inserted or updated and still exist, by table: what an incremental run must carry. */
  readonly rows: Readonly<Record<ChangedRow['table'], number>>;
  /** Distinct rows that were removed for good, by table. */
  readonly removed: Readonly<Record<ChangedRow['table'], number>>;
}

/**
 * Makes exactly `changes` changes, as fast as the server takes them, and reports them. Transient failures are retried; a change
 * whose outcome was lost with the connection is made again, so it may happen twice and be counted once.
 *
 * @throws Error when the database holds no users, or a change fails for good
 */
export function simulate(options: SimulatorOptions & { readonly changes: number }): Promise<SimulationReport> {
  return withDatabase(options.connection, async pool => {
    const platform = await openPlatform(pool, options);
    for (let made = 0; made < options.changes; made++) await platform.change();
    return platform.report();
  });
}

export interface Simulator {
  /** Resolves with the report after `stop`; rejects when a change fails for good. */
  readonly ended: Promise<SimulationReport>;
  /** Lets the change under way finish, and closes the connection. */
  stop(): Promise<SimulationReport>;
}

/** Goes on making changes, `rate` a second at most, until it is stopped. */
export function startSimulator(options: SimulatorOptions & { readonly rate: number }): Simulator {
  const stopping = new AbortController();
  const ended = withDatabase(options.connection, async pool => {
    const platform = await openPlatform(pool, options);
    let due = performance.now();
    while (!stopping.signal.aborted) {
      await platform.change();
      // What was missed while the server was slow is not made up for: the rate is a ceiling.
      const now = performance.now();
      due = Math.max(due + 1000 / options.rate, now);
      await sleep(due - now, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    return platform.report();
  });
  // Whoever stops the simulator hears of its failure; until then it must not end the process.
  ended.catch(() => undefined);
  return {
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

interface Platform {
  /** Makes one change, of whatever kind finds a row to change. */
  change(): Promise<void>;
  report(): SimulationReport;
}

async function openPlatform(
  pool: sql.ConnectionPool,
  { seed, hardDeletes }: { readonly seed: number; readonly hardDeletes?: boolean },
): Promise<Platform> {
  const kinds = hardDeletes ? [...usualChanges, hardDelete] : usualChanges;
  let last = await lastKeys(pool);
  // The newest user is part of the seed: the same people do not sign up a second time.
  const random = randomFor(seed, 'simulator', last.lastUserId);
  const changes: Record<string, number> = {};
  const rows = { plans: new Set<string>(), users: new Set<string>(), subscriptions: new Set<string>() };
  const removed = { plans: new Set<string>(), users: new Set<string>(), subscriptions: new Set<string>() };

  return {
    async change() {
      while (true) {
        const { kind, make } = random.weighted(kinds);
        const touched = await withRetries(random, () => make({ pool, random, ...last }));
        if (touched.length === 0) continue;
        changes[kind] = (changes[kind] ?? 0) + 1;
        for (const { table, key } of touched) {
          if (kind === hardDelete.kind) {
            rows[table].delete(key);
            removed[table].add(key);
          } else rows[table].add(key);
        }
        last = grown(last, touched);
        return;
      }
    },
    report: () => ({ changes, rows: sizes(rows), removed: sizes(removed) }),
  };
}

/** "Invalid object name". */
const noSuchTable = 208;

type LastKeys = Pick<ChangeContext, 'lastUserId' | 'lastSubscriptionId'>;

async function lastKeys(pool: sql.ConnectionPool): Promise<LastKeys> {
  const unseeded = 'simulator: the database holds no users or no subscriptions; seed it first';
  try {
    const { recordset } = await pool.request().query<{ users: string | null; subscriptions: string | null }>(
      `SELECT (SELECT MAX(user_id) FROM dbo.users) AS users,
              (SELECT MAX(subscription_id) FROM dbo.subscriptions) AS subscriptions`,
    );
    const [users, subscriptions] = [recordset[0]?.users, recordset[0]?.subscriptions];
    if (!users || !subscriptions) throw new Error(unseeded);
    return { lastUserId: Number(users), lastSubscriptionId: Number(subscriptions) };
  } catch (error) {
    if (error instanceof sql.RequestError && error.number === noSuchTable) throw new Error(unseeded, { cause: error });
    throw error;
  }
}

function grown({ lastUserId, lastSubscriptionId }: LastKeys, rows: readonly ChangedRow[]): LastKeys {
  const highest = (table: ChangedRow['table'], least: number): number =>
    Math.max(least, ...rows.filter(row => row.table === table).map(row => Number(row.key)));
  return {
    lastUserId: highest('users', lastUserId),
    lastSubscriptionId: highest('subscriptions', lastSubscriptionId),
  };
}

function sizes(sets: Readonly<Record<ChangedRow['table'], ReadonlySet<string>>>): Record<ChangedRow['table'], number> {
  return { plans: sets.plans.size, users: sets.users.size, subscriptions: sets.subscriptions.size };
}

const attempts = 8;
const firstDelayMs = 50;
const maxDelayMs = 5_000;

async function withRetries<T>(random: Random, operation: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (!isTransient(error) || attempt === attempts) throw error;
      await sleep(Math.min(maxDelayMs, firstDelayMs * 2 ** attempt) * random.next());
    }
  }
}
