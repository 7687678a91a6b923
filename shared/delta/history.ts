/** What happened to a table, commit by commit. */
import type { DeltaEngine } from './engine.ts';
import { listLog, readCommit } from './log.ts';

export interface HistoryEntry {
  readonly version: number;
  /** Milliseconds since 1970; undefined where the writer did not say. */
  readonly timestampMs: number | undefined;
  /** Such as `MERGE` or `WRITE`; undefined where the writer did not say. */
  readonly operation: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, string>>;
  readonly filesAdded: number;
  readonly filesRemoved: number;
}

/** The newest commits first, at most `limit` of them. Empty where there is no table. @throws PermanentError `torn-commit` */
export async function tableHistory(
  { table, limit = 100 }: { readonly table: string; readonly limit?: number },
  { store }: DeltaEngine,
): Promise<HistoryEntry[]> {
  const { commits } = await listLog(store, table);
  const entries: HistoryEntry[] = [];
  for (const version of commits.slice(-limit).reverse()) {
    const actions = await readCommit(store, table, version);
    const info = actions.find(({ commitInfo }) => commitInfo !== undefined)?.commitInfo;
    entries.push({
      version,
      timestampMs: info?.timestamp,
      operation: info?.operation,
      parameters: info?.operationParameters ?? {},
      metrics: info?.operationMetrics ?? {},
      filesAdded: actions.filter(({ add }) => add !== undefined).length,
      filesRemoved: actions.filter(({ remove }) => remove !== undefined).length,
    });
  }
  return entries;
}
