/** EXEC: stored procedures, sp_executesql, and text that is run as a batch. */
import type { SessionEvent, SqlType, SqlValue } from '../session.ts';
import { parseBatch, parseStatements } from './batches.ts';
import type { ProcedureDefinition } from './catalog.ts';
import { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';
import { nvarchar } from './fragment.ts';
import type { Events, Interpreter } from './interpreter.ts';
import { tokenize } from './lexer.ts';
import { type Frame, newFrame } from './session-state.ts';
import type { Statement, Tokens } from './statements.ts';
import { parseType } from './types.ts';

interface ProcedureParameter {
  readonly name: string;
  readonly type: SqlType;
  readonly initial: Tokens | undefined;
  readonly output: boolean;
}

interface Procedure {
  readonly name: string;
  readonly parameters: readonly ProcedureParameter[];
  readonly body: readonly Statement[];
}

/** A value handed to a parameter, by name or by position. */
export interface Argument {
  readonly name: string | undefined;
  readonly value: SqlValue;
  /** Called with the parameter's last value when it was passed as OUTPUT. */
  readonly receive: ((value: SqlValue, type: SqlType) => void) | undefined;
}

const maxDepth = 32;

/** By definition, so that CREATE OR ALTER brings a new one. */
const parsed = new WeakMap<ProcedureDefinition, Procedure>();

export async function* callProcedure(
  interpreter: Interpreter,
  statement: Extract<Statement, { kind: 'execute' | 'execute-text' }>,
  frame: Frame,
): Events {
  if (statement.kind === 'execute-text') {
    const { value } = await interpreter.evaluate(statement.text, frame, nvarchar(-1));
    yield* interpreter.run(parseBatch(String(value ?? '')), newFrame(undefined, frame.depth + 1));
    return undefined;
  }
  const passed: Argument[] = [];
  for (const { name, value, output } of statement.passed) {
    const token = value[0];
    const variable = output && token ? frame.variables.get(token.value) : undefined;
    const receive = variable
      ? (last: SqlValue) => {
          variable.value = last;
        }
      : undefined;
    // A word alone is text here: EXEC sp_help users.
    const word = value.length === 1 && token?.kind === 'word' && token.value !== 'NULL' && token.value !== 'DEFAULT';
    const evaluated = word ? token.text : (await interpreter.evaluate({ tokens: value }, frame)).value;
    passed.push({ name, value: evaluated, receive });
  }
  const status = yield* runProcedure(interpreter, statement.procedure, passed, frame, statement.line);
  const variable = statement.status ? frame.variables.get(statement.status) : undefined;
  if (variable) variable.value = status;
  return undefined;
}

/** Runs a procedure to its end and gives its return status. @throws SqlError 2812, 201, 8144, 8145, 217 */
export async function* runProcedure(
  interpreter: Interpreter,
  parts: readonly string[],
  passed: readonly Argument[],
  frame: Frame,
  line: number,
): AsyncGenerator<SessionEvent, number> {
  const name = (parts.at(-1) ?? '').toLowerCase();
  if (frame.depth >= maxDepth) throw sqlError(217, line);
  const builtIn = builtIns[name];
  if (builtIn) return yield* builtIn(interpreter, passed, frame, line);
  const schema = parts.at(-2) || 'dbo';
  const definition = interpreter.state.server.catalog.find(schema, name);
  if (definition?.kind !== 'procedure') throw sqlError(2812, line, parts.join('.'));
  const procedure = readProcedure(definition);
  const inner = newFrame(`${definition.schema}.${definition.name}`, frame.depth + 1);
  const outputs = await bindParameters(interpreter, procedure.name, procedure.parameters, passed, inner, line);
  // SET options that a procedure changes last until it ends.
  const { state } = interpreter;
  const { noCount, xactAbort } = state;
  try {
    const flow = yield* interpreter.run(procedure.body, inner);
    for (const receive of outputs) receive();
    return flow?.kind === 'return' ? (flow.value ?? 0) : 0;
  } finally {
    state.noCount = noCount;
    state.xactAbort = xactAbort;
  }
}

/** Gives each parameter its value; the functions returned hand the last values of OUTPUT parameters back. */
async function bindParameters(
  interpreter: Interpreter,
  procedure: string,
  parameters: readonly ProcedureParameter[],
  passed: readonly Argument[],
  inner: Frame,
  line: number,
): Promise<(() => void)[]> {
  if (passed.length > parameters.length) throw sqlError(8144, line, procedure);
  for (const { name } of passed) {
    if (name && !parameters.some(parameter => parameter.name === name)) throw sqlError(8145, line, name, procedure);
  }
  const outputs: (() => void)[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const positional = passed[index]?.name === undefined ? passed[index] : undefined;
    const argument = passed.find(each => each.name === parameter.name) ?? positional;
    if (!argument && !parameter.initial) throw sqlError(201, line, procedure, parameter.name);
    const given = argument
      ? argument.value
      : parameter.initial
        ? (await interpreter.evaluate(parameter.initial, inner)).value
        : null;
    const variable = { type: parameter.type, value: await interpreter.convertValue(given, parameter.type) };
    inner.variables.set(parameter.name, variable);
    if (argument?.receive) outputs.push(() => argument.receive?.(variable.value, variable.type));
  }
  return outputs;
}

function readProcedure(definition: ProcedureDefinition): Procedure {
  const kept = parsed.get(definition);
  if (kept) return kept;
  const tokens = tokenize(definition.text);
  const cursor = new Cursor(tokens);
  cursor.skipUntil(() => cursor.atWords('PROCEDURE') || cursor.atWords('PROC'));
  cursor.next();
  const name = cursor.multiPartName().at(-1) ?? '';
  const head = cursor.atSymbol('(') ? cursor.parenthesized() : cursor;
  const parameters = head.peek().kind === 'variable' ? readParameters(head) : [];
  cursor.skipUntil(() => cursor.atWords('AS'));
  cursor.expectWords('AS');
  const procedure = { name, parameters, body: parseStatements(tokens.slice(cursor.position), definition.text) };
  parsed.set(definition, procedure);
  return procedure;
}

function readParameters(cursor: Cursor): ProcedureParameter[] {
  return cursor.list(() => {
    const { value: name } = cursor.next();
    cursor.takeWords('AS');
    const type = parseType(cursor);
    const start = cursor.position + 1;
    let initial: Tokens | undefined;
    if (cursor.takeSymbol('=')) {
      cursor.takeSymbol('-');
      cursor.next();
      initial = { tokens: cursor.tokens.slice(start, cursor.position) };
    }
    const output = cursor.takeWords('OUTPUT') || cursor.takeWords('OUT');
    cursor.takeWords('READONLY');
    return { name, type, initial, output };
  });
}

type BuiltIn = (
  interpreter: Interpreter,
  passed: readonly Argument[],
  frame: Frame,
  line: number,
) => AsyncGenerator<SessionEvent, number>;

const builtIns: Readonly<Record<string, BuiltIn>> = {
  async *sp_executesql(interpreter, passed, frame, line) {
    const [text, declarations, ...values] = passed;
    const inner = newFrame(undefined, frame.depth + 1);
    const parameters = declarations?.value ? readParameters(new Cursor(tokenize(String(declarations.value)))) : [];
    const outputs = await bindParameters(interpreter, 'sp_executesql', parameters, values, inner, line);
    const flow = yield* interpreter.run(parseBatch(String(text?.value ?? '')), inner);
    for (const receive of outputs) receive();
    return flow?.kind === 'return' ? (flow.value ?? 0) : 0;
  },
};
