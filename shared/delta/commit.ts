/**
 * Commits: put-if-absent of the next version's file, and what to do when somebody else put it first (PROTOCOL.md, "Creation of
 * New Log Entries").
 */
import { randomUUID } from 'node:crypto';
import { ConflictError, PermanentError, TransientError } from '../errors.ts';
import { type Action, type CommitInfo, formatCommit } from './actions.ts';
import { writeCheckpointIfDue } from './checkpoint-write.ts';
import type { DeltaEngine } from './engine.ts';
import { commitPath, readCommit } from './log.ts';
import { findTable, type Snapshot, withCommit } from './snapshot.ts';

/** A change that is ready to be committed, based on one snapshot. */
export interface Draft<T> {
  readonly operation: string;
  readonly operationParameters?: Readonly<Record<string, string>>;
  readonly operationMetrics?: Readonly<Record<string, string>>;
  readonly isBlindAppend: boolean;
  readonly actions: readonly Action[];
  /**
   * Why this change cannot follow a commit that somebody made since the snapshot; undefined when it can. Called with each such
   * commit; one that changes protocol, metadata or a transaction of ours never gets here: it always means starting over.
   */
  readonly conflict: (winner: readonly Action[]) => Promise<string | undefined>;
  readonly result: T;
}

export interface Committed<T> {
  readonly result: T;
  /** The table after the commit. */
  readonly snapshot: Snapshot;
}

/** What `prepare` answers when there is nothing to commit. */
export interface NothingToDo<T> {
  readonly unchanged: T;
  readonly snapshot: Snapshot;
}

/** Times a change is prepared anew, on a fresh snapshot, before its caller hears of the conflict. */
const attempts = 10;

/**
 * Reads the table, prepares a change and commits it. When another writer was faster, the change is put on top of theirs if the two
 * do not touch, otherwise it is prepared again on the table as they left it.
 * @throws ConflictError `delta-conflict` when that happens again and again
 */
export async function transact<T>(
  table: string,
  engine: DeltaEngine,
  prepare: (snapshot: Snapshot | undefined) => Promise<Draft<T> | NothingToDo<T>>,
): Promise<Committed<T>> {
  let reason = '';
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const before = await findTable({ table }, engine);
    const change = await prepare(before);
    if ('unchanged' in change) return { result: change.unchanged, snapshot: change.snapshot };
    const outcome = await commit(table, before, change, engine);
    if ('snapshot' in outcome) {
      await writeCheckpointIfDue(outcome.snapshot, engine);
      return { result: change.result, snapshot: outcome.snapshot };
    }
    reason = outcome.conflict;
  }
  throw new ConflictError(
    `delta table ${table}: ${attempts} attempts to commit lost to other writers, the last one because ${reason}; try again later`,
    { code: 'delta-conflict' },
  );
}

async function commit(
  table: string,
  before: Snapshot | undefined,
  draft: Draft<unknown>,
  engine: DeltaEngine,
): Promise<{ readonly snapshot: Snapshot } | { readonly conflict: string }> {
  const txnId = randomUUID();
  const commitInfo: CommitInfo = {
    timestamp: engine.clock.now(),
    operation: draft.operation,
    operationParameters: draft.operationParameters ?? {},
    ...(draft.operationMetrics === undefined ? {} : { operationMetrics: draft.operationMetrics }),
    isBlindAppend: draft.isBlindAppend,
    ...(before === undefined ? {} : { readVersion: before.version }),
    engineInfo: 'youflix-data-lake',
    txnId,
  };
  const actions: readonly Action[] = [{ commitInfo }, ...draft.actions];
  let latest = before;
  while (true) {
    const version = (latest?.version ?? -1) + 1;
    const winner = await putCommit(table, version, actions, txnId, engine);
    if (winner === undefined) return { snapshot: withCommit(latest, table, version, actions) };
    const conflict = alwaysConflicts(winner, draft.actions) ?? (await draft.conflict(winner));
    if (conflict !== undefined) return { conflict };
    latest = withCommit(latest, table, version, winner);
  }
}

/** Puts the commit file. Returns undefined when it is there, by this call or one before it; else the commit that is there instead. */
async function putCommit(
  table: string,
  version: number,
  actions: readonly Action[],
  txnId: string,
  { store }: DeltaEngine,
): Promise<readonly Action[] | undefined> {
  try {
    await store.write(commitPath(table, version), formatCommit(actions), { only: 'absent' });
    return undefined;
  } catch (error) {
    // Both may follow a write that did take effect: the answer was lost, and the store gave up or met its own file on repeating.
    if (!(error instanceof ConflictError) && !(error instanceof TransientError)) throw error;
    const winner = await readCommit(store, table, version).catch((reason: unknown) => {
      throw reason instanceof PermanentError && reason.code === 'not-found' ? error : reason;
    });
    return winner.some(({ commitInfo }) => commitInfo?.txnId === txnId) ? undefined : winner;
  }
}

function alwaysConflicts(winner: readonly Action[], ours: readonly Action[]): string | undefined {
  const apps = new Set(ours.flatMap(({ txn }) => (txn ? [txn.appId] : [])));
  for (const { protocol, metaData, txn } of winner) {
    if (protocol) return 'the protocol changed';
    if (metaData) return 'the schema or other metadata changed';
    if (txn && apps.has(txn.appId)) return `the application ${txn.appId} committed version ${txn.version}`;
  }
  return undefined;
}
