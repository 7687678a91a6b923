/** What a session remembers between statements. */
import type { SqlType, SqlValue } from '../session.ts';
import type { Catalog, TableDefinition } from './catalog.ts';
import type { SqlError } from './errors.ts';
import type { Executor } from './executor.ts';
import type { Relation } from './scope.ts';

/** What all sessions of an engine share. */
export interface Server {
  readonly catalog: Catalog;
  readonly systemViews: ReadonlyMap<string, Relation>;
  readonly database: string;
  /** The time in 100 ns units since 1970-01-01 UTC. */
  readonly clock: () => bigint;
}

export interface SessionState {
  readonly server: Server;
  readonly executor: Executor;
  readonly spid: number;
  readonly login: string;
  database: string;
  noCount: boolean;
  xactAbort: boolean;
  implicitTransactions: boolean;
  /** The table for which IDENTITY_INSERT is ON. */
  identityInsert: number | undefined;
  rowCount: number;
  errorNumber: number;
  identity: SqlValue;
  /** @@TRANCOUNT. */
  transactionCount: number;
  /** XACT_STATE() = -1: an error has undone the transaction's work, and only ROLLBACK is left. */
  doomed: boolean;
  /** Whether the open transaction changed declarations, so that a rollback must read them again. */
  declared: boolean;
  /** How many TRY blocks are around the running statement. */
  tryDepth: number;
  readonly temporaryTables: Map<string, TableDefinition>;
  /** Grows with every temporary table made or dropped. */
  temporaryGeneration: number;
}

export interface Variable {
  readonly type: SqlType;
  value: SqlValue;
}

/** The variables of one batch or one call of a procedure. */
export interface Frame {
  readonly variables: Map<string, Variable>;
  readonly procedure: string | undefined;
  /** @@NESTLEVEL. */
  readonly depth: number;
  scopeIdentity: SqlValue;
  /** The errors that the CATCH blocks around the running statement are handling, innermost last. */
  readonly handling: SqlError[];
}

export function newState(server: Server, executor: Executor, spid: number, login: string): SessionState {
  return {
    server,
    executor,
    spid,
    login,
    database: server.database,
    noCount: false,
    xactAbort: false,
    implicitTransactions: false,
    identityInsert: undefined,
    rowCount: 0,
    errorNumber: 0,
    identity: null,
    transactionCount: 0,
    doomed: false,
    declared: false,
    tryDepth: 0,
    temporaryTables: new Map(),
    temporaryGeneration: 0,
  };
}

export function newFrame(procedure?: string, depth = 0): Frame {
  return { variables: new Map(), procedure, depth, scopeIdentity: null, handling: [] };
}
