/** The files of a table's `_delta_log` folder: their names, and what lies there. */
import type { LakeStore } from '../storage/store.ts';
import { type Action, parseCommit } from './actions.ts';

export interface Checkpoint {
  readonly version: number;
  /** The Parquet files that hold it: one, or all the parts of a multi-part checkpoint, in order. */
  readonly paths: readonly string[];
}

export interface LogListing {
  /** Versions that have a commit file, ascending. */
  readonly commits: readonly number[];
  /** Complete checkpoints, ascending. Those of the V2 naming need a reader feature that is refused, so they are left out. */
  readonly checkpoints: readonly Checkpoint[];
}

/** `<table>/_delta_log/<name>`. */
export function logPath(table: string, name: string): string {
  return `${table}/_delta_log/${name}`;
}

/** Where the commit file of a version lies: twenty digits, so that text order is version order. */
export function commitPath(table: string, version: number): string {
  return logPath(table, `${padded(version)}.json`);
}

/** Where the single-part checkpoint of a version lies. */
export function checkpointPath(table: string, version: number): string {
  return logPath(table, `${padded(version)}.checkpoint.parquet`);
}

/** Everything that is in the log; both lists are empty where there is no table. */
export async function listLog(store: LakeStore, table: string): Promise<LogListing> {
  const commits: number[] = [];
  const parts = new Map<string, { version: number; expected: number; paths: string[] }>();
  for await (const { path } of store.list(logPath(table, '').slice(0, -1))) {
    const name = path.slice(logPath(table, '').length);
    const commit = /^(\d{20})\.json$/.exec(name);
    if (commit) commits.push(Number(commit[1]));
    const checkpoint = /^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet$/.exec(name);
    if (!checkpoint) continue;
    const [, version, , expected = '1'] = checkpoint;
    const key = `${version}/${checkpoint[2] ? expected : 'single'}`;
    const found = parts.get(key) ?? { version: Number(version), expected: Number(expected), paths: [] };
    found.paths.push(path);
    parts.set(key, found);
  }
  const complete = [...parts.values()].filter(({ expected, paths }) => paths.length === expected);
  return { commits, checkpoints: complete.sort((a, b) => a.version - b.version) };
}

/** The actions of one commit. @throws PermanentError `not-found` or `torn-commit`, naming the file */
export async function readCommit(store: LakeStore, table: string, version: number): Promise<Action[]> {
  const path = commitPath(table, version);
  return parseCommit(Buffer.from(await store.read(path)).toString('utf8'), path);
}

function padded(version: number): string {
  return String(version).padStart(20, '0');
}
