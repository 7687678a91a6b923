/** Merge: brings the rows of a source into a table by key, writing anew only the files that hold a row that changes. */
import { type Action, type AddFile, filePath } from './actions.ts';
import { type Draft, type NothingToDo, transact } from './commit.ts';
import { type AliasedColumn, stageFiles } from './data-files.ts';
import type { DeltaEngine } from './engine.ts';
import { candidateFiles, type MatchResult, matchRows } from './merge-match.ts';
import { planWrites } from './merge-plan.ts';
import { loadMergeSource, type MergeSource } from './merge-source.ts';
import { writeUnits } from './merge-write.ts';
import { tableRows } from './read.ts';
import type { TableSchema } from './schema.ts';
import type { Snapshot } from './snapshot.ts';
import { isCommitted, removal, txnActions, type WriteRequest, writeTarget } from './table-write.ts';

export interface MergeRequest extends WriteRequest {
  /** Columns that name a row; together unique in the table, never NULL. */
  readonly key: readonly string[];
  /** What may follow FROM in DuckDB's SQL, such as a table or `read_csv('…')`; has the columns of `schema` by name. Read once. */
  readonly source: string;
  /** SQL over the columns of the source: such a row removes the row with its key. */
  readonly deleteWhen?: string;
  /** A source row counts only if its value here is not below the table's. Without it every source row counts. */
  readonly versionColumn?: string;
  /** Size of new files. @default 500_000 */
  readonly rowsPerFile?: number;
}

export interface MergeResult {
  /** Version of the table that holds the merge. */
  readonly version: number;
  /** True when `txn` was in the table already; nothing was done. */
  readonly skipped: boolean;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Source rows that changed nothing: equal to the table's, older than it, or a delete of what is not there. */
  readonly unchanged: number;
  /** Source rows left out because another one had the same key. */
  readonly duplicates: number;
  /** Files whose statistics did not rule out a match. */
  readonly filesRead: number;
  readonly filesRewritten: number;
  readonly filesAdded: number;
  readonly bytesWritten: number;
  /** Rows in the table after it. */
  readonly rows: number;
}

type MergeCounts = Omit<MergeResult, 'version' | 'rows'>;

const nothing: MergeCounts = {
  skipped: false,
  inserted: 0,
  updated: 0,
  deleted: 0,
  unchanged: 0,
  duplicates: 0,
  filesRead: 0,
  filesRewritten: 0,
  filesAdded: 0,
  bytesWritten: 0,
};

/**
 * Merges and commits. Safe to repeat with the same `txn`; safe beside other writers: a merge that meets a commit touching its keys
 * is done again on top of that.
 * @throws PermanentError `bad-merge`, `null-value`, `bad-schema`, `schema-conflict`, `unsupported-protocol`, `append-only`, `duckdb`
 * @throws ConflictError `delta-conflict` after losing to other writers again and again
 */
export async function mergeIntoTable(request: MergeRequest, engine: DeltaEngine): Promise<MergeResult> {
  let source: MergeSource | undefined;
  try {
    const { result, snapshot } = await transact<MergeCounts>(request.table, engine, async before => {
      if (isCommitted(before, request.txn)) return { unchanged: { ...nothing, skipped: true }, snapshot: before };
      source ??= await loadMergeSource(request, engine.duckdb);
      return prepareMerge(request, source, before, engine);
    });
    return { ...result, version: snapshot.version, rows: await tableRows(snapshot, engine) };
  } finally {
    await source?.[Symbol.asyncDispose]();
  }
}

async function prepareMerge(
  request: MergeRequest,
  source: MergeSource,
  before: Snapshot | undefined,
  engine: DeltaEngine,
): Promise<Draft<MergeCounts> | NothingToDo<MergeCounts>> {
  const nowMs = engine.clock.now();
  const rowsPerFile = request.rowsPerFile ?? 500_000;
  const target = writeTarget(before, request, { nowMs, replaces: 'rows' });
  const columns = tableColumns(target.schema, source);
  const active = [...(before?.files.values() ?? [])];
  const candidates = await candidateFiles(active, columns, source, engine);
  await using staged = await stageFiles(lakePaths(request.table, candidates), engine);
  await using match = await matchRows(candidates, staged, columns, source, engine);
  const units = planWrites(active, match.touched, match.inserted, rowsPerFile);
  const further = units.flatMap(({ replaces }) => (replaces && !candidates.includes(replaces) ? [replaces] : []));
  await using stagedFurther = await stageFiles(lakePaths(request.table, further), engine);

  const read = [...candidates, ...further];
  const localFiles = new Map(
    [...staged.paths, ...stagedFurther.paths].map((path, index) => [read[index] as AddFile, path]),
  );
  const added = await writeUnits(units, { table: request.table, columns, source, match, localFiles }, engine);
  const removed = units.flatMap(({ replaces }) => replaces ?? []);
  const actions: Action[] = [
    ...target.actions,
    ...txnActions(request.txn, nowMs),
    ...removed.map(file => removal(file, nowMs)),
    ...added.map(add => ({ add })),
  ];
  const counts = countsOf(source, match, candidates.length, removed.length, added);
  if (actions.length === 0 && before !== undefined) return { unchanged: counts, snapshot: before };
  return {
    operation: 'MERGE',
    operationParameters: { predicate: JSON.stringify(request.key.map(name => `source.${name} = target.${name}`)) },
    operationMetrics: metricsOf(source, counts),
    isBlindAppend: false,
    actions,
    conflict: winner => conflictOf(winner, read, columns, source, engine),
    result: counts,
  };
}

function lakePaths(table: string, files: readonly AddFile[]): string[] {
  return files.map(file => `${table}/${filePath(file)}`);
}

/** The table's columns, in its order and spelling, with the aliases they have in the source. */
function tableColumns(schema: TableSchema, source: MergeSource): AliasedColumn[] {
  const aliases = new Map(source.columns.map(({ name, alias }) => [name.toLowerCase(), alias]));
  return schema.map(column => ({ ...column, alias: aliases.get(column.name.toLowerCase()) ?? 'NULL' }));
}

/** A winner touches this merge when it removed a file that was read, or added one whose keys may be among the source's. */
async function conflictOf(
  winner: readonly Action[],
  read: readonly AddFile[],
  columns: readonly AliasedColumn[],
  source: MergeSource,
  engine: DeltaEngine,
): Promise<string | undefined> {
  const paths = new Set(read.map(filePath));
  const gone = winner.find(({ remove }) => remove !== undefined && paths.has(filePath(remove)))?.remove;
  if (gone) return `another writer replaced ${gone.path}`;
  const added = winner.flatMap(({ add }) => add ?? []);
  const [touching] = await candidateFiles(added, columns, source, engine);
  return touching && `another writer added ${touching.path}, which may hold the same keys`;
}

function countsOf(
  source: MergeSource,
  { inserted, updated, deleted }: MatchResult,
  filesRead: number,
  filesRewritten: number,
  added: readonly AddFile[],
): MergeCounts {
  return {
    skipped: false,
    inserted,
    updated,
    deleted,
    unchanged: source.rows - inserted - updated - deleted,
    duplicates: source.duplicates,
    filesRead,
    filesRewritten,
    filesAdded: added.length,
    bytesWritten: added.reduce((sum, { size }) => sum + size, 0),
  };
}

/** The names Spark's MERGE uses, so that its DESCRIBE HISTORY reads alike. */
function metricsOf(source: MergeSource, counts: MergeCounts): Record<string, string> {
  return {
    numSourceRows: String(source.rows),
    numTargetRowsInserted: String(counts.inserted),
    numTargetRowsUpdated: String(counts.updated),
    numTargetRowsDeleted: String(counts.deleted),
    numTargetFilesAdded: String(counts.filesAdded),
    numTargetFilesRemoved: String(counts.filesRewritten),
  };
}
