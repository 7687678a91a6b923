/** Declared tables where they are kept: DuckDB's table and the declaration, changed together. */
import type { TableDefinition } from './catalog.ts';
import type { Translation } from './scope.ts';
import type { SessionState } from './session-state.ts';
import { loadCatalog, saveDefinition } from './store.ts';
import { createStatements, indexStatements, isTemporary, sequenceStatements } from './tables.ts';
import { atomically } from './transactions.ts';

/** What the definitions work with. */
export interface DefinitionContext {
  readonly state: SessionState;
  readonly translation: Translation;
  /** Runs SQL that was translated with `translation`, binding what it asked for. */
  run(sql: string): Promise<void>;
}

/** Runs one change of the catalog, then reads the catalog as it now is. */
export async function changingCatalog(state: SessionState, work: () => Promise<void>): Promise<void> {
  const { executor, server } = state;
  await atomically(state, true, work);
  state.declared = state.transactionCount > 0;
  await loadCatalog(executor, server.catalog);
}

/** Makes a declared table in DuckDB and keeps its declaration. */
export async function makeTable(table: TableDefinition, state: SessionState, translation: Translation): Promise<void> {
  const statements = [...sequenceStatements(table), ...createStatements(table, translation), ...indexStatements(table)];
  for (const statement of statements) await state.executor.run(statement);
  await keepTable(table, state);
}

/** Keeps a declaration where the table lives: in the database, or in the session when it is temporary. */
export async function keepTable(table: TableDefinition, state: SessionState): Promise<void> {
  if (!isTemporary(table.name)) return saveDefinition(state.executor, table);
  state.temporaryTables.set(table.name.toLowerCase(), table);
  state.temporaryGeneration += 1;
}
