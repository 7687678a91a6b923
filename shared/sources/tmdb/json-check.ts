/** What an answer should look like against what it does look like, as reasons a person can act on. */
import { inspect } from 'node:util';
import type * as z from 'zod';
import { errorMessage } from '../../errors.ts';

const maxReasons = 20;

export type Parsed = { readonly json: unknown } | { readonly reason: string };

/** JSON in UTF-8 as RFC 8259 has it: no NaN, no byte order mark, no bytes that are not UTF-8. */
export function parseJson(bytes: Uint8Array): Parsed {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { json: JSON.parse(text) };
  } catch (error) {
    return { reason: `expected JSON in UTF-8, got ${bytes.length} bytes that are not: ${errorMessage(error)}` };
  }
}

/** Why `json` does not fit, one reason per place, such as `results[3].id: expected number, got '603'`; empty when it fits. */
export function misfits(schema: z.ZodType, json: unknown): readonly string[] {
  if (isErrorBody(json)) return [`expected data, got an error body: ${shown(json)}`];
  const { error } = schema.safeParse(json, { reportInput: true });
  if (error === undefined) return [];
  const reasons = error.issues.slice(0, maxReasons).map(issue => {
    const expected = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
    return `${placeOf(issue.path)}: ${expected}, got ${shown(issue.input)}`;
  });
  const more = error.issues.length - reasons.length;
  return more > 0 ? [...reasons, `and ${more} more`] : reasons;
}

/** A value as a message shows it: one line, and not all of a large one. */
function shown(value: unknown): string {
  const text = inspect(value, {
    depth: 0,
    maxStringLength: 100,
    maxArrayLength: 3,
    breakLength: Number.POSITIVE_INFINITY,
  });
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** `{"success": false, "status_code": 11, "status_message": "…"}`, whatever the HTTP status was. */
function isErrorBody(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'success' in json && json.success === false;
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return place === '' ? 'the whole' : place.replace(/^\./, '');
}
