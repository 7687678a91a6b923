/** FROM: tables, subqueries, joins, APPLY. */

import type { Cursor } from './cursor.ts';
import { startsQuery, translateExpression } from './expressions.ts';
import { columnNames, renamed, translateSubquery } from './queries.ts';
import { quoteName } from './quoting.ts';
import type { OutputColumn, Scope, Source } from './scope.ts';

export interface TranslatedSources {
  readonly sql: string;
  /** The scope given, with the sources read. */
  readonly scope: Scope;
}

interface Joined {
  readonly sql: string;
  readonly sources: readonly Source[];
}

/** Reads what follows FROM. */
export function translateSources(cursor: Cursor, scope: Scope): TranslatedSources {
  let sql = '';
  let sources: readonly Source[] = [];
  do {
    const joined = joinChain(cursor, { ...scope, sources });
    sql += (sql === '' ? '' : ', ') + joined.sql;
    sources = [...sources, ...joined.sources];
  } while (cursor.takeSymbol(','));
  return { sql, scope: { ...scope, sources } };
}

function joinChain(cursor: Cursor, scope: Scope): Joined {
  let left = source(cursor, scope);
  for (;;) {
    const seen: Scope = { ...scope, sources: [...scope.sources, ...left.sources] };
    if (cursor.takeWords('CROSS', 'JOIN')) left = combine(left, 'CROSS JOIN', source(cursor, scope), '');
    else if (cursor.takeWords('CROSS', 'APPLY')) left = combine(left, 'CROSS JOIN LATERAL', source(cursor, seen), '');
    else if (cursor.takeWords('OUTER', 'APPLY'))
      left = combine(left, 'LEFT JOIN LATERAL', source(cursor, seen), ' ON TRUE');
    else {
      const kind = joinKind(cursor);
      if (!kind) return left;
      const right = joinChain(cursor, scope);
      cursor.expectWords('ON');
      const inside: Scope = { ...scope, sources: [...scope.sources, ...left.sources, ...right.sources] };
      left = combine(left, kind, right, ` ON ${translateExpression(cursor, inside).sql}`);
    }
  }
}

function combine(left: Joined, kind: string, right: Joined, condition: string): Joined {
  return { sql: `${left.sql} ${kind} ${right.sql}${condition}`, sources: [...left.sources, ...right.sources] };
}

const hints: ReadonlySet<string> = new Set(['HASH', 'LOOP', 'MERGE', 'REMOTE']);

function joinKind(cursor: Cursor): string | undefined {
  const start = cursor.position;
  const kind = cursor.takeWords('INNER')
    ? 'JOIN'
    : ['LEFT', 'RIGHT', 'FULL'].find(side => cursor.takeWords(side))?.concat(' JOIN');
  cursor.takeWords('OUTER');
  if (kind && cursor.atAny(hints)) cursor.next();
  if (cursor.takeWords('JOIN')) return kind ?? 'JOIN';
  cursor.position = start;
  return undefined;
}

function source(cursor: Cursor, scope: Scope): Joined {
  const line = cursor.line;
  if (cursor.atSymbol('(')) return parenthesized(cursor, scope);
  const token = cursor.peek();
  const parts = token.kind === 'variable' ? [cursor.next().value] : cursor.multiPartName();
  const last = parts.at(-1) ?? '';
  const common = parts.length === 1 ? scope.commonTables.get(last.toLowerCase()) : undefined;
  const relation = common ? undefined : scope.translation.relation(parts, line);
  const alias = readAlias(cursor);
  readHints(cursor);
  const name = alias ?? readAlias(cursor) ?? relation?.name ?? last;
  const sql = `${relation?.sql ?? quoteName(last)} AS ${quoteName(name)}`;
  return { sql, sources: [{ name, columns: common ?? relation?.columns ?? [], ...(relation ? { relation } : {}) }] };
}

function parenthesized(cursor: Cursor, scope: Scope): Joined {
  const inside = cursor.parenthesized();
  if (inside.atWords('VALUES')) {
    const rows = valueRows(inside, scope);
    return derived(cursor, `VALUES ${rows.sql}`, rows.columns);
  }
  if (startsQuery(inside)) {
    const query = translateSubquery(inside, scope);
    return derived(cursor, query.sql, query.columns);
  }
  const joined = joinChain(inside, scope);
  inside.expectEnd();
  return { sql: `(${joined.sql})`, sources: joined.sources };
}

function valueRows(inside: Cursor, scope: Scope): { sql: string; columns: OutputColumn[] } {
  inside.expectWords('VALUES');
  const rows = inside.list(() => {
    const row = inside.parenthesized();
    return row.list(() => translateExpression(row, scope));
  });
  inside.expectEnd();
  const columns = (rows[0] ?? []).map((_, index) => ({
    name: '',
    type: rows.map(row => row[index]?.type).find(type => type !== undefined),
    nullable: true,
  }));
  return { sql: rows.map(row => `(${row.map(value => value.sql).join(', ')})`).join(', '), columns };
}

function derived(cursor: Cursor, sql: string, columns: readonly OutputColumn[]): Joined {
  const name = readAlias(cursor) ?? '';
  if (name === '') throw cursor.syntaxError();
  const named = cursor.atSymbol('(') ? renamed(columns, columnNames(cursor.parenthesized())) : columns;
  const list = named.length === 0 ? '' : `(${named.map(column => quoteName(column.name)).join(', ')})`;
  return { sql: `(${sql}) AS ${quoteName(name)}${list}`, sources: [{ name, columns: named }] };
}

/** Words that may follow a source and therefore are no alias of it. */
const notAliases: ReadonlySet<string> = new Set(
  'WITH ON INNER LEFT RIGHT FULL CROSS OUTER JOIN WHERE GROUP HAVING ORDER UNION EXCEPT INTERSECT OPTION FOR SET WHEN USING OUTPUT SELECT VALUES DEFAULT'.split(
    ' ',
  ),
);

export function readAlias(cursor: Cursor): string | undefined {
  if (cursor.takeWords('AS')) return cursor.name();
  const token = cursor.peek();
  if (token.kind === 'name' || (token.kind === 'word' && !notAliases.has(token.value))) return cursor.name();
  return undefined;
}

/** `WITH (NOLOCK, …)` or the old `(NOLOCK)`: locks are not DuckDB's way of isolation, so hints have nothing to do. */
export function readHints(cursor: Cursor): void {
  if (cursor.atWords('WITH') && cursor.atSymbol('(', 1)) {
    cursor.next();
    cursor.parenthesized();
  } else if (
    cursor.atSymbol('(') &&
    /^(NOLOCK|READUNCOMMITTED|READPAST|HOLDLOCK|UPDLOCK|TABLOCKX?|ROWLOCK)$/.test(cursor.peek(1).value)
  ) {
    cursor.parenthesized();
  }
}
