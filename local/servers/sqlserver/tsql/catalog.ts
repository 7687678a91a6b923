/**
 * What is declared in the database: tables with their exact types, keys, checks and defaults, views and procedures. DuckDB holds
 * the rows; it has no words for `nvarchar(320)`, `IDENTITY` or a named default, so the declarations are kept beside it.
 */
import type { SqlColumn, SqlType } from '../session.ts';

export interface ColumnDefinition {
  /** 1-based; never given twice within a table. */
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: { readonly seed: number; readonly increment: number };
  /** `expression` is T-SQL text, translated anew in every INSERT that leaves the column out. */
  readonly default?: { readonly id: number; readonly name: string; readonly expression: string };
}

export interface KeyDefinition {
  readonly id: number;
  readonly name: string;
  readonly kind: 'primary' | 'unique';
  readonly columns: readonly string[];
}

export interface ForeignKeyDefinition {
  readonly id: number;
  readonly name: string;
  readonly columns: readonly string[];
  readonly referencedTableId: number;
  readonly referencedColumns: readonly string[];
}

export interface CheckDefinition {
  readonly id: number;
  readonly name: string;
  readonly expression: string;
  /** Set when the check was written beside one column. */
  readonly column?: string;
}

export interface IndexDefinition {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
}

export interface TableDefinition {
  readonly kind: 'table';
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly keys: readonly KeyDefinition[];
  readonly foreignKeys: readonly ForeignKeyDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly indexes: readonly IndexDefinition[];
}

export interface ViewDefinition {
  readonly kind: 'view';
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly SqlColumn[];
  readonly text: string;
}

export interface ProcedureDefinition {
  readonly kind: 'procedure';
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  /** The whole CREATE PROCEDURE statement. */
  readonly text: string;
}

export type Definition = TableDefinition | ViewDefinition | ProcedureDefinition;

/** Objects by name, without regard to case. Held whole in memory: a database has few of them. */
export class Catalog {
  /** Grows with every change; whoever keeps a translation compares it. */
  generation = 0;
  readonly #byName = new Map<string, Definition>();
  readonly #byId = new Map<number, Definition>();
  #lastId = 1000;

  /** Object ids are handed out once per engine; a rolled-back CREATE leaves a gap, as on the service. */
  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Takes over what was read from the database. */
  replace(definitions: readonly Definition[]): void {
    this.#byName.clear();
    this.#byId.clear();
    for (const definition of definitions) {
      this.#byName.set(nameKey(definition.schema, definition.name), definition);
      this.#byId.set(definition.id, definition);
      this.#lastId = Math.max(this.#lastId, ...idsOf(definition));
    }
    this.generation += 1;
  }

  find(schema: string, name: string): Definition | undefined {
    return this.#byName.get(nameKey(schema, name));
  }

  table(schema: string, name: string): TableDefinition | undefined {
    const found = this.find(schema, name);
    return found?.kind === 'table' ? found : undefined;
  }

  tableById(id: number): TableDefinition | undefined {
    const found = this.#byId.get(id);
    return found?.kind === 'table' ? found : undefined;
  }

  tables(): TableDefinition[] {
    return [...this.#byName.values()].filter(definition => definition.kind === 'table');
  }
}

function nameKey(schema: string, name: string): string {
  return `${schema.toLowerCase()}.${name.toLowerCase()}`;
}

function idsOf(definition: Definition): number[] {
  if (definition.kind !== 'table') return [definition.id];
  const { columns, keys, foreignKeys, checks } = definition;
  const constraints = [...keys, ...foreignKeys, ...checks, ...columns.flatMap(column => column.default ?? [])];
  return [definition.id, ...constraints.map(constraint => constraint.id)];
}

/** The column of this name, without regard to case. */
export function columnOf(table: TableDefinition, name: string): ColumnDefinition | undefined {
  return table.columns.find(column => sameName(column.name, name));
}

/** Identifiers are compared without regard to case, as in SQL Server's default collation. */
export function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** The columns of a table as a client is told of them. */
export function sqlColumns(table: TableDefinition): SqlColumn[] {
  return table.columns.map(({ name, type, nullable, identity }) => ({
    name,
    type,
    nullable,
    ...(identity ? { identity: true } : {}),
  }));
}
