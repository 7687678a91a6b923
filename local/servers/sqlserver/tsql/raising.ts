/** THROW and RAISERROR. */
import { SqlError, sqlError } from './errors.ts';
import type { Events, Interpreter } from './interpreter.ts';
import type { Frame } from './session-state.ts';
import type { Tokens } from './statements.ts';

/** The error of `THROW [number, message, state]`; without arguments, the one being handled. */
export async function throwError(
  interpreter: Interpreter,
  values: readonly Tokens[],
  frame: Frame,
  line: number,
): Promise<SqlError> {
  if (values.length === 0) {
    const handled = frame.handling.at(-1);
    if (!handled) return sqlError(10704, line);
    return handled;
  }
  const [number, message, state] = await Promise.all(
    values.map(async value => (await interpreter.evaluate(value, frame)).value),
  );
  return new SqlError({ number: Number(number), message: String(message ?? ''), state: Number(state ?? 1), line });
}

/** RAISERROR(message, severity, state, …): up to 10 a message, above an error that does not end the batch. */
export async function* raiseError(
  interpreter: Interpreter,
  values: readonly Tokens[],
  frame: Frame,
  line: number,
): Events {
  const read: unknown[] = [];
  for (const value of values) read.push((await interpreter.evaluate(value, frame)).value);
  const [message, severity, state, ...parameters] = read;
  const text = formatMessage(String(message ?? ''), parameters);
  const number = typeof message === 'number' ? message : 50000;
  const level = Number(severity ?? 16);
  if (level > 10)
    throw new SqlError({ number, message: text, class: level, state: Number(state ?? 1), line, continues: level < 20 });
  yield { kind: 'message', message: { number, state: Number(state ?? 1), class: level, message: text, line } };
  return undefined;
}

/** printf as RAISERROR knows it: %s %d %i %u %x %%. */
function formatMessage(text: string, parameters: readonly unknown[]): string {
  let at = 0;
  return text.replace(/%(?:%|[-+0 #]*\d*(?:\.\d+)?(?:h|l|I64)?([sdiuxo]))/g, (_, kind: string | undefined) => {
    if (!kind) return '%';
    const value = parameters[at];
    at += 1;
    if (value === undefined || value === null) return '(null)';
    return kind === 'x' ? Number(value).toString(16) : String(value);
  });
}
