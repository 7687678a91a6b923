/** Reads a batch into statements. T-SQL needs no semicolons: a statement ends where a word begins the next. */
import { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { type Token, tokenize } from './lexer.ts';
import type { ArgumentPassed, Statement, Tokens } from './statements.ts';
import { parseType } from './types.ts';

/** @throws SqlError 102 and its like when the batch cannot be read; then nothing of it runs */
export function parseBatch(sql: string): Statement[] {
  return parseStatements(tokenize(sql), sql);
}

/** @param sql the text that the tokens' offsets refer to */
export function parseStatements(tokens: readonly Token[], sql: string): Statement[] {
  const reader = new Cursor(tokens);
  const statements: Statement[] = [];
  while (skipSeparators(reader)) statements.push(...statement(reader, sql));
  return statements;
}

function skipSeparators(reader: Cursor): boolean {
  while (reader.takeSymbol(';') || reader.takeWords('GO')) {
    // Empty statements are allowed, and tools leave GO lines in.
  }
  return !reader.done;
}

const starts: ReadonlySet<string> = new Set(
  'SELECT INSERT UPDATE DELETE MERGE EXEC EXECUTE DECLARE SET IF WHILE BEGIN COMMIT ROLLBACK SAVE RETURN THROW RAISERROR PRINT CREATE ALTER DROP TRUNCATE USE GRANT REVOKE DENY BREAK CONTINUE WAITFOR GO ELSE END'.split(
    ' ',
  ),
);

type Reader = (reader: Cursor, line: number, sql: string) => Statement[];

function statement(reader: Cursor, sql: string): Statement[] {
  const token = reader.peek();
  const read = token.kind === 'word' ? readers[token.value] : undefined;
  if (read) return read(reader, token.line, sql);
  // A batch may begin with the name of a procedure.
  if (reader.position === 0 && (token.kind === 'word' || token.kind === 'name')) return [execute(reader, token.line)];
  throw token.kind === 'word' && starts.has(token.value) ? sqlError(156, token.line, token.text) : reader.syntaxError();
}

/** Exactly one statement: the body of IF, ELSE or WHILE. */
function single(reader: Cursor, sql: string): Statement {
  skipSeparators(reader);
  if (reader.done) throw reader.syntaxError();
  const line = reader.peek().line;
  const [first, ...more] = statement(reader, sql);
  if (!first) return { kind: 'nothing', line };
  return more.length === 0 ? first : { kind: 'block', line, body: [first, ...more] };
}

const readers: Readonly<Record<string, Reader>> = {
  SELECT: (reader, line) => [{ kind: 'query', line, ...take(reader, 1) }],
  WITH: (reader, line) => [commonTableStatement(reader, line)],
  INSERT: (reader, line) => [{ kind: 'insert', line, ...takeInsert(reader) }],
  UPDATE: (reader, line) => [{ kind: 'update', line, ...takeUpdate(reader) }],
  DELETE: (reader, line) => [{ kind: 'delete', line, ...take(reader, 1) }],
  MERGE: (reader, line) => [{ kind: 'merge', line, ...takeToSemicolon(reader) }],
  TRUNCATE: (reader, line) => [{ kind: 'truncate', line, ...take(reader, 1) }],
  CREATE: definition,
  ALTER: definition,
  DROP: definition,
  GRANT: permission,
  REVOKE: permission,
  DENY: permission,
  BEGIN: begin,
  IF: (reader, line, sql) => {
    reader.next();
    const condition = take(reader, 0);
    const then = single(reader, sql);
    const start = reader.position;
    skipSeparators(reader);
    const otherwise = reader.takeWords('ELSE') ? single(reader, sql) : undefined;
    if (!otherwise) reader.position = start;
    return [{ kind: 'if', line, condition, then, otherwise }];
  },
  WHILE: (reader, line, sql) => {
    reader.next();
    const condition = take(reader, 0);
    return [{ kind: 'while', line, condition, body: single(reader, sql) }];
  },
  BREAK: (reader, line) => leaveLoop(reader, 'break', line),
  CONTINUE: (reader, line) => leaveLoop(reader, 'continue', line),
  DECLARE: declare,
  SET: set,
  RETURN: (reader, line) => {
    reader.next();
    const value = take(reader, 0);
    return [{ kind: 'return', line, value: value.tokens.length === 0 ? undefined : value }];
  },
  THROW: (reader, line) => {
    reader.next();
    return [{ kind: 'throw', line, values: commaSeparated(take(reader, 0)) }];
  },
  RAISERROR: (reader, line) => {
    reader.next();
    const inside = reader.parenthesized();
    take(reader, 0);
    return [{ kind: 'raiserror', line, values: commaSeparated(rest(inside)) }];
  },
  PRINT: (reader, line) => {
    reader.next();
    return [{ kind: 'print', line, value: take(reader, 0) }];
  },
  EXEC: (reader, line) => [execute(reader, line)],
  EXECUTE: (reader, line) => [execute(reader, line)],
  COMMIT: (reader, line) => [transaction(reader, line, 'commit')],
  ROLLBACK: (reader, line) => [transaction(reader, line, 'rollback')],
  SAVE: (reader, line) => [transaction(reader, line, 'save')],
  USE: (reader, line) => {
    reader.next();
    return [{ kind: 'use', line, database: reader.name() }];
  },
  WAITFOR: (reader, line) => {
    reader.next();
    reader.expectWords('DELAY');
    return [{ kind: 'wait', line, delay: take(reader, 0) }];
  },
};

function leaveLoop(reader: Cursor, kind: 'break' | 'continue', line: number): Statement[] {
  reader.next();
  return [{ kind, line }];
}

/** Takes tokens up to the next statement: at least `minimum`, for the word that began this one. */
function take(reader: Cursor, minimum: number, stop: () => boolean = () => startsStatement(reader)): Tokens {
  const from = reader.position;
  reader.position += minimum;
  let cases = 0;
  reader.skipUntil(() => {
    if (reader.atWords('CASE')) cases += 1;
    if (cases > 0) {
      if (reader.atWords('END')) cases -= 1;
      return false;
    }
    return reader.atSymbol(';') || stop();
  });
  return { tokens: reader.tokens.slice(from, reader.position) };
}

/** Whether a statement begins here. After UNION, a SELECT goes on with the one before. */
function startsStatement(reader: Cursor): boolean {
  if (!reader.atAny(starts)) return reader.atWords('WITH') && reader.peek(-1).value === ';';
  const before = reader.peek(-1).value;
  return !(reader.peek().value === 'SELECT' && ['UNION', 'ALL', 'EXCEPT', 'INTERSECT'].includes(before));
}

function rest(reader: Cursor): Tokens {
  return { tokens: reader.tokens.slice(reader.position, reader.limit) };
}

/** INSERT reaches over the SELECT, WITH or EXEC that gives its rows. */
function takeInsert(reader: Cursor): Tokens {
  let body = false;
  return take(reader, 1, () => {
    if (!body && (reader.atWords('SELECT') || reader.atWords('EXEC') || reader.atWords('EXECUTE'))) {
      body = true;
      return false;
    }
    if (reader.atWords('VALUES')) body = true;
    return startsStatement(reader);
  });
}

/** The first SET belongs to UPDATE itself. */
function takeUpdate(reader: Cursor): Tokens {
  let assigned = false;
  return take(reader, 1, () => {
    if (!assigned && reader.atWords('SET')) {
      assigned = true;
      return false;
    }
    return startsStatement(reader);
  });
}

/** MERGE alone must end in a semicolon, for UPDATE and INSERT stand inside it. */
function takeToSemicolon(reader: Cursor): Tokens {
  return take(reader, 1, () => false);
}

const commonTableBodies: Readonly<Record<string, 'query' | 'insert' | 'update' | 'delete' | 'merge'>> = {
  SELECT: 'query',
  INSERT: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
  MERGE: 'merge',
};

function commonTableStatement(reader: Cursor, line: number): Statement {
  const head = take(reader, 1, () => reader.peek().kind === 'word' && reader.peek().value in commonTableBodies).tokens;
  const kind = commonTableBodies[reader.peek().value];
  if (!kind) throw reader.syntaxError();
  const takers = {
    insert: takeInsert,
    update: takeUpdate,
    merge: takeToSemicolon,
    query: undefined,
    delete: undefined,
  };
  const body = takers[kind]?.(reader) ?? take(reader, 1);
  return { kind, line, tokens: [...head, ...body.tokens] };
}

const moduleKinds: ReadonlySet<string> = new Set(['PROC', 'PROCEDURE', 'VIEW', 'FUNCTION', 'TRIGGER']);

function definition(reader: Cursor, line: number, sql: string): Statement[] {
  const verb = reader.peek().value;
  const ahead = verb === 'CREATE' && reader.peek(1).value === 'OR' ? 3 : 1;
  if (verb !== 'DROP' && moduleKinds.has(reader.peek(ahead).value)) {
    const tokens = reader.tokens.slice(reader.position, reader.limit);
    reader.position = reader.limit;
    const [first, last] = [tokens[0], tokens.at(-1)];
    return [{ kind: 'module', line, text: sql.slice(first?.start, last?.end), tokens }];
  }
  // IF EXISTS, ALTER COLUMN and DROP CONSTRAINT stand inside; at most two such words follow the first.
  const from = reader.position;
  const inside: ReadonlySet<string> = new Set(['IF', 'ALTER', 'DROP', 'SET', 'UPDATE', 'DELETE']);
  const tokens = take(reader, 1, () => {
    if (!startsStatement(reader)) return false;
    const word = reader.peek().value;
    if (word === 'IF') return reader.peek(1).value !== 'EXISTS' || reader.position > from + 2;
    if (verb === 'ALTER' && inside.has(word)) return reader.position > from + 6;
    return !(['UPDATE', 'DELETE'].includes(word) && reader.peek(-1).value === 'ON');
  });
  return [{ kind: 'definition', line, ...tokens }];
}

/** Everyone may do everything here, so permissions are read and forgotten. */
function permission(reader: Cursor, line: number): Statement[] {
  const inside: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'EXEC', 'ALTER']);
  let granted = false;
  take(reader, 1, () => {
    if (reader.atWords('ON') || reader.atWords('TO')) granted = true;
    return startsStatement(reader) && (granted || !reader.atAny(inside));
  });
  return [{ kind: 'nothing', line }];
}

function begin(reader: Cursor, line: number, sql: string): Statement[] {
  reader.next();
  if (reader.takeWords('TRY')) {
    const body = until(reader, sql, 'TRY');
    skipSeparators(reader);
    reader.expectWords('BEGIN', 'CATCH');
    return [{ kind: 'try', line, body, handler: until(reader, sql, 'CATCH') }];
  }
  if (reader.atWords('TRAN') || reader.atWords('TRANSACTION') || reader.atWords('DISTRIBUTED')) {
    reader.position -= 1;
    return [transaction(reader, line, 'begin')];
  }
  return [{ kind: 'block', line, body: until(reader, sql) }];
}

/** The statements up to END, or END TRY, or END CATCH. */
function until(reader: Cursor, sql: string, what?: string): Statement[] {
  const body: Statement[] = [];
  while (skipSeparators(reader) && !reader.atWords('END')) body.push(...statement(reader, sql));
  reader.expectWords('END');
  if (what) reader.expectWords(what);
  return body;
}

function transaction(reader: Cursor, line: number, action: 'begin' | 'commit' | 'rollback' | 'save'): Statement {
  reader.next();
  if (reader.atWords('DISTRIBUTED')) throw unsupported('A distributed transaction', line);
  const named = reader.takeWords('TRANSACTION') || reader.takeWords('TRAN') || reader.takeWords('WORK');
  const token = reader.peek();
  const isName =
    named &&
    (token.kind === 'variable' || token.kind === 'name' || (token.kind === 'word' && !starts.has(token.value)));
  return { kind: 'transaction', line, action, name: isName ? reader.next().value : undefined };
}

function declare(reader: Cursor, line: number): Statement[] {
  reader.next();
  return reader.list((): Statement => {
    const token = reader.next();
    if (token.kind !== 'variable') throw sqlError(102, token.line, token.text);
    reader.takeWords('AS');
    if (reader.takeWords('TABLE')) {
      return { kind: 'declare-table', line, name: token.value, definition: rest(reader.parenthesized()) };
    }
    const type = parseType(reader);
    const value = reader.takeSymbol('=')
      ? take(reader, 0, () => reader.atSymbol(',') || startsStatement(reader))
      : undefined;
    return { kind: 'declare', line, name: token.value, type, value };
  });
}

function set(reader: Cursor, line: number): Statement[] {
  reader.next();
  const token = reader.peek();
  if (token.kind === 'variable') {
    reader.next();
    const operator = reader.next().value;
    if (!/^[-+*/%&|^]?=$/.test(operator)) throw sqlError(102, token.line, token.text);
    return [{ kind: 'set-variable', line, name: token.value, operator, value: take(reader, 0) }];
  }
  return [{ kind: 'set-option', line, words: take(reader, 1).tokens }];
}

function execute(reader: Cursor, line: number): Statement {
  if (reader.atWords('EXEC') || reader.atWords('EXECUTE')) reader.next();
  if (reader.atSymbol('(')) {
    const text = rest(reader.parenthesized());
    take(reader, 0);
    return { kind: 'execute-text', line, text };
  }
  let status: string | undefined;
  if (reader.peek().kind === 'variable') {
    status = reader.next().value;
    reader.expectSymbol('=');
  }
  const procedure = reader.multiPartName();
  return { kind: 'execute', line, procedure, status, passed: commaSeparated(take(reader, 0)).map(passedArgument) };
}

function passedArgument({ tokens }: Tokens): ArgumentPassed {
  const [first, second] = tokens;
  const name = first?.kind === 'variable' && second?.value === '=' ? first.value : undefined;
  const last = tokens.at(-1);
  const output = last?.kind === 'word' && (last.value === 'OUTPUT' || last.value === 'OUT');
  return { name, value: tokens.slice(name ? 2 : 0, output ? -1 : undefined), output };
}

function commaSeparated({ tokens }: Tokens): Tokens[] {
  if (tokens.length === 0) return [];
  const reader = new Cursor(tokens);
  return reader.list(() => {
    const from = reader.position;
    reader.skipUntil(() => reader.atSymbol(','));
    return { tokens: tokens.slice(from, reader.position) };
  });
}
