/** Translates statements for a session, once per text and catalog, and binds the values they need each time they run. */
import type { SqlValue } from '../session.ts';
import { sqlColumns } from './catalog.ts';
import { timestampText } from './clock.ts';
import { sqlError } from './errors.ts';
import { intType } from './fragment.ts';
import type { Placeholder, Relation, TextLimit, Translation } from './scope.ts';
import { sessionValues } from './session-functions.ts';
import type { Frame, SessionState } from './session-state.ts';
import type { Tokens } from './statements.ts';
import { isTemporary, tableSql } from './tables.ts';
import { typeText } from './types.ts';

export interface Translated<T> {
  readonly result: T;
  /** The values for `$1`, `$2`, …: variables, or values of the session. */
  readonly placeholders: readonly Placeholder[];
}

interface Kept {
  readonly key: string;
  readonly translated: Translated<unknown>;
}

export class Translations {
  readonly #state: SessionState;
  /** By the statement itself, which lives as long as its batch or procedure is kept. */
  readonly #kept = new WeakMap<Tokens, Kept>();

  constructor(state: SessionState) {
    this.#state = state;
  }

  /** Translates with `translate`, or gives what it gave before for the same statement in the same surroundings. */
  of<T>(statement: Tokens, frame: Frame, translate: (translation: Translation) => T): Translated<T> {
    const key = this.#key(frame);
    const kept = this.#kept.get(statement);
    // The key holds all that a translation depends on, and each statement has but one way to be translated.
    if (kept?.key === key) return kept.translated as Translated<T>;
    const placeholders: Placeholder[] = [];
    const result = translate(translationFor(this.#state, frame, placeholders));
    const translated = { result, placeholders };
    this.#kept.set(statement, { key, translated });
    return translated;
  }

  /** A translation that is not kept. */
  translation(frame: Frame, placeholders: Placeholder[]): Translation {
    return translationFor(this.#state, frame, placeholders);
  }

  #key(frame: Frame): string {
    const state = this.#state;
    let key = `${state.server.catalog.generation} ${state.temporaryGeneration} ${state.identityInsert ?? ''}`;
    for (const [name, { type }] of frame.variables) key += ` ${name} ${typeText(type)}`;
    return key;
  }
}

/** @param placeholders collects the values needed */
function translationFor(state: SessionState, frame: Frame, placeholders: Placeholder[]): Translation {
  return {
    database: state.database,
    relation: (parts, line) => findRelation(state, parts, line),
    variable: name => frame.variables.get(name)?.type ?? (name.startsWith('@@') ? sessionValues[name] : undefined),
    placeholder: (name, limit) => {
      const known = placeholders.findIndex(each => each.name === name);
      const at = known >= 0 ? known : placeholders.push({ name, limits: [] }) - 1;
      if (limit) placeholders[at]?.limits.push(limit);
      return `$${at + 1}`;
    },
  };
}

function findRelation(state: SessionState, parts: readonly string[], line: number | undefined): Relation {
  const { server } = state;
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2) || 'dbo';
  const temporary = isTemporary(name) ? state.temporaryTables.get(name.toLowerCase()) : undefined;
  if (temporary) return { sql: tableSql(temporary), name, columns: sqlColumns(temporary), table: temporary };
  const system = server.systemViews.get(`${schema}.${name}`.toLowerCase());
  if (system) return system;
  const found = server.catalog.find(schema, name);
  if (found?.kind === 'table')
    return { sql: tableSql(found), name: found.name, columns: sqlColumns(found), table: found };
  if (found?.kind === 'view') return { sql: tableSql(found), name: found.name, columns: found.columns };
  throw sqlError(208, line, parts.join('.'));
}

/** The values to bind for a run of a translated statement. */
export function bindings(state: SessionState, frame: Frame, placeholders: readonly Placeholder[]): SqlValue[] {
  return placeholders.map(({ name, limits }) => {
    const variable = frame.variables.get(name);
    if (!variable) return sessionValue(state, frame, name);
    const { value } = variable;
    return typeof value === 'string' ? limits.reduce((text, limit) => fitted(text, limit, state), value) : value;
  });
}

/** Spaces at the end may be cut off, nothing else. */
function fitted(text: string, { length, table, column }: TextLimit, state: SessionState): string {
  const cut = text.slice(0, length);
  if (text.slice(length).trim() !== '') throw sqlError(2628, undefined, `${state.database}.${table}`, column, cut);
  return cut;
}

function sessionValue(state: SessionState, frame: Frame, name: string): SqlValue {
  const error = frame.handling.at(-1);
  const values: Readonly<Record<string, () => SqlValue>> = {
    now: () => timestampText(state.server.clock()),
    login: () => state.login,
    scope_identity: () => frame.scopeIdentity,
    xact_state: () => (state.doomed ? -1 : state.transactionCount > 0 ? 1 : 0),
    error_number: () => error?.number ?? null,
    error_message: () => error?.message ?? null,
    error_severity: () => error?.class ?? null,
    error_state: () => error?.state ?? null,
    error_line: () => error?.line ?? null,
    error_procedure: () => error?.procedure ?? null,
    '@@rowcount': () => state.rowCount,
    '@@error': () => state.errorNumber,
    '@@trancount': () => state.transactionCount,
    '@@spid': () => state.spid,
    '@@identity': () => state.identity,
    '@@nestlevel': () => frame.depth,
    '@@version': () => 'Microsoft SQL Azure (RTM) - 12.0.2000.8 (YouFlix local stand-in over DuckDB)',
    '@@servername': () => 'localhost',
    '@@servicename': () => 'MSSQLSERVER',
    '@@language': () => 'us_english',
    '@@datefirst': () => 7,
    '@@max_precision': () => 38,
    '@@options': () => 5496,
    '@@lock_timeout': () => -1,
    '@@textsize': () => 2147483647,
  };
  const value = values[name];
  return value ? value() : sessionValues[name] === intType ? 0 : null;
}
