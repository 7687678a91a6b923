/** SELECT, with everything that can stand around it: CTEs, set operators, subqueries. */
import type { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { translateExpression } from './expressions.ts';
import type { Fragment } from './fragment.ts';
import { direction, translateOrderItem } from './order.ts';
import { quoteName } from './quoting.ts';
import { columnSql, innerScope, type OutputColumn, type Scope } from './scope.ts';
import { translateSources } from './sources.ts';
import { commonType, storageType } from './types.ts';

export interface Query {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
}

/** Reads a query expression up to the end of its tokens. */
export function translateSubquery(cursor: Cursor, outer: Scope): Query {
  const query = translateQuery(cursor, innerScope(outer));
  cursor.expectEnd();
  return query;
}

/** Reads `[WITH …] SELECT … [UNION …] [ORDER BY …] [OFFSET …] [OPTION …]`. */
export function translateQuery(cursor: Cursor, scope: Scope): Query {
  const { sql: prefix, scope: inside } = translateCommonTables(cursor, scope);
  const query = setOperation(cursor, inside);
  return { sql: `${prefix}${query.sql}`, columns: query.columns };
}

/** Reads `WITH a AS (…), b (x, y) AS (…)`, if it is there; gives the text and the scope that knows the names. */
export function translateCommonTables(cursor: Cursor, scope: Scope): { sql: string; scope: Scope } {
  if (!cursor.takeWords('WITH')) return { sql: '', scope };
  const commonTables = new Map(scope.commonTables);
  const inside: Scope = { ...scope, commonTables };
  const texts = cursor.list(() => {
    const name = cursor.name();
    const names = cursor.atSymbol('(') ? columnNames(cursor.parenthesized()) : undefined;
    cursor.expectWords('AS');
    const body = cursor.parenthesized();
    const recursive = body.tokens.slice(body.position, body.limit).some(token => token.value === name.toUpperCase());
    if (recursive) commonTables.set(name.toLowerCase(), anchorColumns(body, inside, names));
    const query = translateSubquery(body, inside);
    const columns = names ? renamed(query.columns, names) : query.columns;
    commonTables.set(name.toLowerCase(), columns);
    return `${quoteName(name)} (${columns.map(column => quoteName(column.name)).join(', ')}) AS (${query.sql})`;
  });
  return { sql: `WITH RECURSIVE ${texts.join(', ')} `, scope: inside };
}

/** The columns of a recursive query are those of its first part, which does not mention it. */
function anchorColumns(body: Cursor, scope: Scope, names: readonly string[] | undefined): readonly OutputColumn[] {
  const start = body.position;
  const { columns } = selectCore(body, innerScope(scope));
  body.position = start;
  return names ? renamed(columns, names) : columns;
}

export function columnNames(inside: Cursor): string[] {
  const names = inside.list(() => inside.name());
  inside.expectEnd();
  return names;
}

export function renamed(columns: readonly OutputColumn[], names: readonly string[]): OutputColumn[] {
  return names.map((name, index) => ({ ...(columns[index] ?? { type: undefined, nullable: true }), name }));
}

const setOperators: ReadonlySet<string> = new Set(['UNION', 'EXCEPT', 'INTERSECT']);

function setOperation(cursor: Cursor, scope: Scope): Query {
  const first = operand(cursor, scope);
  const parts = [first];
  const operators: string[] = [];
  while (cursor.atAny(setOperators)) {
    operators.push(cursor.takeWords('UNION', 'ALL') ? 'UNION ALL' : cursor.next().value);
    parts.push(operand(cursor, scope));
  }
  const single = parts.length === 1;
  const columns = single ? first.columns : unified(parts, cursor.line);
  const limits = tail(cursor, single ? first.scope : scope, first.items);
  if (single) return { sql: withLimit(first, limits), columns };
  const body = parts
    .map((part, index) => `${index === 0 ? '' : ` ${operators[index - 1]} `}${withLimit(part, noTail)}`)
    .join('');
  return { sql: `${body}${limits.order}${limits.limit}`, columns };
}

function unified(parts: readonly SelectCore[], line: number | undefined): OutputColumn[] {
  const [first] = parts;
  if (!first || parts.some(part => part.columns.length !== first.columns.length)) {
    throw sqlError(205, line);
  }
  return first.columns.map((column, index) => ({
    name: column.name,
    type: commonType(parts.map(part => part.columns[index]?.type)),
    nullable: parts.some(part => part.columns[index]?.nullable ?? true),
  }));
}

interface SelectCore {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
  readonly items: readonly SelectItem[];
  readonly scope: Scope;
  /** LIMIT from TOP, to be written after ORDER BY. */
  readonly top: string;
}

export interface SelectItem extends Fragment {
  readonly name: string;
}

interface Tail {
  readonly order: string;
  readonly limit: string;
}

const noTail: Tail = { order: '', limit: '' };

function withLimit(core: SelectCore, { order, limit }: Tail): string {
  const text = `${core.sql}${order}${limit}${core.top}`;
  return core.top !== '' && order === '' && limit === '' ? `(${text})` : text;
}

function operand(cursor: Cursor, scope: Scope): SelectCore {
  if (!cursor.atSymbol('(')) return selectCore(cursor, innerScope(scope));
  const query = translateSubquery(cursor.parenthesized(), scope);
  return { sql: `(${query.sql})`, columns: query.columns, items: [], scope, top: '' };
}

const clauses: ReadonlySet<string> = new Set([
  'VALUES',
  'DEFAULT',
  'SELECT',
  'EXEC',
  'WITH',
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'OPTION',
  'FOR',
  'INTO',
]);

function selectCore(cursor: Cursor, scope: Scope): SelectCore {
  cursor.expectWords('SELECT');
  const distinct = cursor.takeWords('DISTINCT') ? 'DISTINCT ' : '';
  cursor.takeWords('ALL');
  const top = translateTop(cursor, scope);
  const { from, scope: inside } = sourcesAhead(cursor, scope);
  const items = selectItems(cursor, inside);
  if (cursor.takeWords('INTO')) throw cursor.syntaxError();
  if (cursor.takeWords('FROM')) skipSources(cursor);
  const list = items
    .map(item => (item.name === '' ? exact(item) : `${exact(item)} AS ${quoteName(item.name)}`))
    .join(', ');
  const rest = filters(cursor, inside);
  const columns = items.map(item => ({
    name: item.name,
    type: item.type,
    nullable: item.column?.nullable ?? true,
    ...(item.column?.identity ? { identity: true } : {}),
  }));
  return { sql: `SELECT ${distinct}${list}${from}${rest}`, columns, items, scope: inside, top };
}

/** A calculated value cast to its type, so that DuckDB's vectors are what the column metadata says; most casts are no-ops. */
export function exact({ sql, type, column }: Fragment): string {
  return column || !type ? sql : `CAST(${sql} AS ${storageType(type)})`;
}

/** Reads `TOP (n) [PERCENT] [WITH TIES]` as a LIMIT. */
export function translateTop(cursor: Cursor, scope: Scope): string {
  if (!cursor.takeWords('TOP')) return '';
  const count = cursor.atSymbol('(')
    ? translateExpression(cursor.parenthesized(), scope).sql
    : cursor.peek().kind === 'number'
      ? cursor.next().value
      : undefined;
  if (count === undefined) throw cursor.syntaxError();
  const percent = cursor.takeWords('PERCENT') ? '%' : '';
  if (cursor.atWords('WITH', 'TIES')) throw unsupported('TOP … WITH TIES', cursor.line);
  return ` LIMIT ${/^\d+$/.test(count) ? count : `(${count})`}${percent}`;
}

/** FROM stands behind the select list but decides what its names mean: read it first, and leave the cursor where it was. */
function sourcesAhead(cursor: Cursor, scope: Scope): { from: string; scope: Scope } {
  const start = cursor.position;
  cursor.skipUntil(() => cursor.atAny(beforeSources) && !insideExpression(cursor));
  const found = cursor.takeWords('FROM');
  const result = found ? translateSources(cursor, scope) : undefined;
  cursor.position = start;
  return result ? { from: ` FROM ${result.sql}`, scope: result.scope } : { from: '', scope };
}

/** FROM itself, or what tells that there is none. */
const beforeSources: ReadonlySet<string> = new Set(['FROM', 'WHERE', 'GROUP', 'ORDER', 'UNION', 'EXCEPT', 'INTERSECT']);

/** `IS DISTINCT FROM` is a comparison, `WITHIN GROUP` part of an aggregate. */
function insideExpression(cursor: Cursor): boolean {
  const [before, word] = [cursor.peek(-1).value, cursor.peek().value];
  return (word === 'FROM' && before === 'DISTINCT') || (word === 'GROUP' && before === 'WITHIN');
}

const afterSources: ReadonlySet<string> = new Set([
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'OPTION',
]);

function skipSources(cursor: Cursor): void {
  cursor.skipUntil(() => cursor.atSymbol(';') || cursor.atWords('FOR', 'JSON') || cursor.atAny(afterSources));
}

export function selectItems(cursor: Cursor, scope: Scope): SelectItem[] {
  return cursor.list(() => selectItem(cursor, scope)).flat();
}

function selectItem(cursor: Cursor, scope: Scope): SelectItem[] {
  if (cursor.takeSymbol('*')) return expandStar(scope, undefined, cursor.line);
  const [first, dot, star] = [cursor.peek(), cursor.peek(1), cursor.peek(2)];
  if (
    (first.kind === 'word' || first.kind === 'name') &&
    dot.value === '.' &&
    star.value === '*' &&
    star.kind === 'symbol'
  ) {
    const name = cursor.name();
    cursor.position += 2;
    return expandStar(scope, name, first.line);
  }
  // `alias = expression`, T-SQL's own way.
  if (
    (first.kind === 'word' || first.kind === 'name' || first.kind === 'string') &&
    dot.kind === 'symbol' &&
    dot.value === '='
  ) {
    cursor.position += 2;
    return [{ ...translateExpression(cursor, scope), name: first.kind === 'word' ? first.text : first.value }];
  }
  const value = translateExpression(cursor, scope);
  return [{ ...value, name: alias(cursor) ?? value.column?.name ?? '' }];
}

function alias(cursor: Cursor): string | undefined {
  const explicit = cursor.takeWords('AS');
  const token = cursor.peek();
  if (token.kind === 'string') return cursor.next().value;
  if (token.kind === 'name' || (token.kind === 'word' && (explicit || !clauses.has(token.value)))) return cursor.name();
  if (explicit) throw cursor.syntaxError();
  return undefined;
}

function expandStar(scope: Scope, qualifier: string | undefined, line: number | undefined): SelectItem[] {
  const sources = scope.sources.filter(
    source => qualifier === undefined || source.name.toLowerCase() === qualifier.toLowerCase(),
  );
  if (sources.length === 0)
    throw qualifier === undefined ? sqlError(263, line) : sqlError(4104, line, `${qualifier}.*`);
  return sources.flatMap(source =>
    source.columns.map(column => ({
      sql: columnSql(source, column.name),
      type: column.type,
      column,
      name: column.name,
    })),
  );
}

function filters(cursor: Cursor, scope: Scope): string {
  let sql = '';
  if (cursor.takeWords('WHERE')) sql += ` WHERE ${translateExpression(cursor, scope).sql}`;
  if (cursor.takeWords('GROUP', 'BY'))
    sql += ` GROUP BY ${cursor.list(() => translateExpression(cursor, scope).sql).join(', ')}`;
  if (cursor.takeWords('HAVING')) sql += ` HAVING ${translateExpression(cursor, scope).sql}`;
  return sql;
}

/** ORDER BY, OFFSET … FETCH and OPTION. An item may name a column of the select list, by alias or position. */
function tail(cursor: Cursor, scope: Scope, items: readonly SelectItem[]): Tail {
  let order = '';
  let limit = '';
  if (cursor.takeWords('ORDER', 'BY')) {
    order = ` ORDER BY ${cursor.list(() => outputOrder(cursor, scope, items)).join(', ')}`;
    if (cursor.takeWords('OFFSET')) {
      limit = ` OFFSET ${translateExpression(cursor, scope).sql}`;
      cursor.expectWords(cursor.atWords('ROW') ? 'ROW' : 'ROWS');
      if (cursor.takeWords('FETCH')) {
        cursor.next();
        limit = ` LIMIT ${translateExpression(cursor, scope).sql}${limit}`;
        cursor.expectWords(cursor.atWords('ROW') ? 'ROW' : 'ROWS');
        cursor.expectWords('ONLY');
      }
    }
  }
  if (cursor.takeWords('OPTION')) cursor.parenthesized();
  return { order, limit };
}

function outputOrder(cursor: Cursor, scope: Scope, items: readonly SelectItem[]): string {
  const token = cursor.peek();
  const after = cursor.peek(1);
  const alone =
    !cursor.atSymbol('.', 1) &&
    !cursor.atSymbol('(', 1) &&
    (after.kind !== 'symbol' || after.value === ',' || after.value === ';' || after.value === '');
  if (alone && token.kind === 'number') return `${cursor.next().value}${direction(cursor)}`;
  if (alone && (token.kind === 'word' || token.kind === 'name')) {
    const name = token.kind === 'word' ? token.text : token.value;
    const item = items.find(each => each.name.toLowerCase() === name.toLowerCase());
    if (item || scope.sources.length === 0) {
      cursor.next();
      return `${quoteName(name)}${direction(cursor)}`;
    }
  }
  return translateOrderItem(cursor, scope);
}
