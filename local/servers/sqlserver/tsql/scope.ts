/** Names in reach of an expression: columns of the sources in FROM, common table expressions, variables. */
import type { SqlColumn, SqlType } from '../session.ts';
import { sameName, type TableDefinition } from './catalog.ts';
import { sqlError } from './errors.ts';
import { quoteName } from './quoting.ts';

/** A column as a query gives it: its type is undefined when only DuckDB will know. */
export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType | undefined;
  readonly nullable: boolean;
  readonly identity?: boolean;
}

/** Something with columns: a stored table or view, a temporary table, a system view. */
export interface Relation {
  /** As DuckDB is to be told. */
  readonly sql: string;
  /** The last part of its name, by which unaliased references call it. */
  readonly name: string;
  readonly columns: readonly SqlColumn[];
  /** Set for tables that can be written to. */
  readonly table?: TableDefinition;
}

export interface Source {
  readonly name: string;
  /** How DuckDB is to be told the source of a column; the name unless set. Empty: columns stand alone. */
  readonly qualifier?: string;
  readonly columns: readonly OutputColumn[];
  /** What it is, when it is stored. */
  readonly relation?: Relation;
}

/** A column that is to take a text. */
export interface TextLimit {
  /** In UTF-16 code units. */
  readonly length: number;
  /** `schema.table` */
  readonly table: string;
  readonly column: string;
}

/** A value that a translated statement needs when it runs. */
export interface Placeholder {
  readonly name: string;
  /** Columns that take it as it is: one value is bound wherever the statement uses it, and it must fit into all of them. */
  readonly limits: TextLimit[];
}

/** What a translation may ask of the session it runs for, and what it leaves behind for the execution. */
export interface Translation {
  /** @throws SqlError 208 when there is no such table or view */
  relation(parts: readonly string[], line: number | undefined): Relation;
  /** The declared type of an @variable, in lower case with its `@`. */
  variable(name: string): SqlType | undefined;
  /**
   * Gives the place (`$1`) of a variable or of a value of the session such as `@@rowcount`, to be bound at execution.
   *
   * @param limit what its text must fit into
   */
  placeholder(name: string, limit?: TextLimit): string;
  readonly database: string;
}

export interface Scope {
  readonly translation: Translation;
  readonly sources: readonly Source[];
  readonly commonTables: ReadonlyMap<string, readonly OutputColumn[]>;
  /** The query around a subquery. */
  readonly outer?: Scope;
}

export function emptyScope(translation: Translation): Scope {
  return { translation, sources: [], commonTables: new Map() };
}

/** A scope for what is inside parentheses: sees everything around it. */
export function innerScope(outer: Scope): Scope {
  return { translation: outer.translation, sources: [], commonTables: outer.commonTables, outer };
}

export interface ResolvedColumn {
  readonly sql: string;
  readonly column: OutputColumn;
}

/**
 * Finds `column`, `table.column` or `schema.table.column`, innermost query first.
 *
 * @throws SqlError 207 (no such column), 209 (in several sources), 4104 (no such source)
 */
export function resolveColumn(scope: Scope, parts: readonly string[], line: number | undefined): ResolvedColumn {
  const column = parts.at(-1) ?? '';
  const qualifier = parts.at(-2);
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    const found = at.sources.flatMap(source => {
      if (qualifier !== undefined && !sameName(source.name, qualifier)) return [];
      const match = source.columns.find(each => sameName(each.name, column));
      return match ? [{ source, match }] : [];
    });
    const [first, second] = found;
    if (first && second) throw sqlError(209, line, column);
    if (first) {
      // Always qualified: an alias in the select list must not take the place of a column.
      return { sql: columnSql(first.source, first.match.name), column: first.match };
    }
    if (qualifier !== undefined && at.sources.some(source => sameName(source.name, qualifier))) break;
  }
  if (qualifier !== undefined && !knowsSource(scope, qualifier)) throw sqlError(4104, line, parts.join('.'));
  throw sqlError(207, line, column);
}

/** A column as DuckDB is to be told of it. */
export function columnSql(source: Source, column: string): string {
  const qualifier = source.qualifier ?? source.name;
  return qualifier === '' ? quoteName(column) : `${quoteName(qualifier)}.${quoteName(column)}`;
}

function knowsSource(scope: Scope, name: string): boolean {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    if (at.sources.some(source => sameName(source.name, name))) return true;
  }
  return false;
}
