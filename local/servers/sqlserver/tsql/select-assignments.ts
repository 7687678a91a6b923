/** `SELECT @a = x, @b = y FROM …`: the last row decides. */
import { convert } from './conversions.ts';
import { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';
import type { Interpreter } from './interpreter.ts';
import type { Token } from './lexer.ts';
import { translateQuery } from './queries.ts';
import { emptyScope } from './scope.ts';
import type { Frame } from './session-state.ts';
import type { Tokens } from './statements.ts';
import { bindings } from './translations.ts';
import { readValue } from './values.ts';

/** Whether a SELECT sets variables instead of giving rows. */
export function assignsVariables({ tokens }: Tokens): boolean {
  const first = tokens.findIndex((token, index) => index > 0 && token.kind === 'variable');
  return first > 0 && tokens[first + 1]?.value === '=' && (first === 1 || isTop(tokens.slice(1, first)));
}

function isTop(tokens: readonly Token[]): boolean {
  return tokens.every((token, index) =>
    index === 0 ? token.value === 'TOP' : token.kind === 'number' || /^[()]$/.test(token.value),
  );
}

/** @throws SqlError 137 when a variable is not declared */
export async function assignVariables(
  interpreter: Interpreter,
  statement: Tokens & { readonly line: number },
  frame: Frame,
): Promise<void> {
  const { state, translations } = interpreter;
  const { result, placeholders } = translations.of(statement, frame, translation => {
    const { tokens, names } = withoutTargets(statement.tokens);
    const cursor = new Cursor(tokens);
    const query = translateQuery(cursor, emptyScope(translation));
    cursor.expectEnd();
    const columns = names.map((_, index) => `c${index}`);
    const values = names.map((name, index) => {
      const variable = frame.variables.get(name);
      if (!variable) throw sqlError(137, statement.line, name);
      const value = { sql: `c${index}`, type: query.columns[index]?.type };
      return convert(value, variable.type).sql;
    });
    return { names, sql: `SELECT ${values.join(', ')} FROM (${query.sql}) AS q(${columns.join(', ')})` };
  });
  const { rows } = await state.executor.rows(result.sql, bindings(state, frame, placeholders));
  state.rowCount = rows.length;
  const last = rows.at(-1);
  if (!last) return;
  for (const [index, name] of result.names.entries()) {
    const variable = frame.variables.get(name);
    if (variable) variable.value = readValue(last[index] ?? null, variable.type);
  }
}

/** The query without its `@x =`, and the names of the variables in order. */
function withoutTargets(tokens: readonly Token[]): { tokens: readonly Token[]; names: readonly string[] } {
  const cursor = new Cursor(tokens);
  const kept: Token[] = [];
  const names: string[] = [];
  let depth = 0;
  let list = true;
  let itemStart = false;
  while (!cursor.done) {
    const token = cursor.next();
    if (list && depth === 0 && token.kind === 'variable' && cursor.atSymbol('=') && (itemStart || kept.length < 6)) {
      cursor.next();
      names.push(token.value);
      itemStart = false;
      continue;
    }
    if (token.value === '(') depth += 1;
    if (token.value === ')') depth -= 1;
    if (depth === 0 && token.kind === 'word' && token.value === 'FROM') list = false;
    itemStart = depth === 0 && token.value === ',';
    kept.push(token);
  }
  return { tokens: kept, names };
}
