import type { SqlParameter } from '../session.ts';

/** What sp_prepare was given. */
export interface PreparedStatement {
  readonly sql: string;
  /** As given to sp_prepare: `@id int, @name nvarchar(50) output`. */
  readonly declaration: string;
}

/** The prepared statements of one connection, by the handle that the client holds. */
export class PreparedStatements {
  readonly #byHandle = new Map<number, PreparedStatement>();
  #lastHandle = 0;

  add(statement: PreparedStatement): number {
    this.#lastHandle += 1;
    this.#byHandle.set(this.#lastHandle, statement);
    return this.#lastHandle;
  }

  get(handle: number): PreparedStatement | undefined {
    return this.#byHandle.get(handle);
  }

  delete(handle: number): boolean {
    return this.#byHandle.delete(handle);
  }

  clear(): void {
    this.#byHandle.clear();
  }
}

/** Gives values passed by position the names that the declaration lists, in its order. Named ones stay as they are. */
export function nameParameters(declaration: string, parameters: readonly SqlParameter[]): SqlParameter[] {
  const declared = declaration.match(/@[\p{L}\p{N}_@#$]+/gu) ?? [];
  return parameters.map((parameter, index) =>
    parameter.name === '' ? { ...parameter, name: declared[index] ?? '' } : parameter,
  );
}
