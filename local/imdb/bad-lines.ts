/**
 * Lines that are wrong in one way each. They stand between good lines and take nothing from them: whoever sets them aside is left
 * with exactly the data set without them.
 */

import type { DataSet } from './data-sets.ts';
import { beyond, personId, titleId, type World } from './world.ts';

export const badKinds = [
  /** A good line's key, with other values, before that line: the last one is right. */
  'duplicate-key',
  /** A word where a number, a flag or an array belongs. title.crew has no such field, so it gets none. */
  'wrong-type',
  /** `\N` for the title or person. */
  'no-key',
  /** The last field and its tab are missing. */
  'too-few-fields',
  /** A tab inside a field. */
  'too-many-fields',
  'invalid-utf8',
  /** The line ends in CR LF, all others in LF. */
  'other-line-end',
  /** A CR in the middle of a field. */
  'lone-cr',
  /** A field of 5 MiB. */
  'too-long',
] as const;

export type BadKind = (typeof badKinds)[number];

/** How many lines of each kind; absent means none. */
export type BadCounts = Readonly<Partial<Record<BadKind, number>>>;

/** By position: a field that bears any text or digits, and one that a word breaks. */
const fieldsOf: Readonly<Record<string, { readonly free: number; readonly typed?: number }>> = {
  'title.basics': { free: 2, typed: 5 },
  'title.akas': { free: 2, typed: 7 },
  'title.crew': { free: 2 },
  'title.episode': { free: 3, typed: 2 },
  'title.principals': { free: 3, typed: 5 },
  'title.ratings': { free: 2, typed: 1 },
  'name.basics': { free: 1, typed: 2 },
};

const longFieldBytes = 5 * 1024 * 1024;

/** The kinds to make for a data set, in order, as often as asked for. */
export function badKindsFor({ name }: DataSet, counts: BadCounts): BadKind[] {
  return badKinds
    .filter(kind => kind !== 'wrong-type' || fieldsOf[name]?.typed !== undefined)
    .flatMap(kind => Array.from({ length: counts[kind] ?? 0 }, () => kind));
}

/**
 * A bad line with its end, made of a good one. All but duplicates have the id of a title or person that exists nowhere else.
 * @param at tells bad lines of one file apart
 */
export function badLine(kind: BadKind, good: string, dataSet: DataSet, world: World, at: number): Buffer {
  const fields = good.split('\t');
  const ordinal = beyond(world[dataSet.of], at);
  const { free, typed = 0 } = fieldsOf[dataSet.name] ?? { free: 1 };
  const field = fields[free] ?? '';
  if (kind !== 'duplicate-key') fields[0] = dataSet.of === 'titles' ? titleId(ordinal) : personId(ordinal);
  switch (kind) {
    case 'duplicate-key':
      fields[free] = field === '\\N' ? '1' : `${field}1`;
      break;
    case 'wrong-type':
      fields[typed] = 'unknown';
      break;
    case 'no-key':
      fields[0] = '\\N';
      break;
    case 'too-few-fields':
      fields.pop();
      break;
    case 'too-many-fields':
      fields[free] = `${field}\t${field}`;
      break;
    case 'lone-cr':
      fields[free] = `${field}\r${field}`;
      break;
    case 'too-long':
      fields[free] = 'x'.repeat(longFieldBytes);
      break;
    case 'other-line-end':
      fields.push(`${fields.pop() ?? ''}\r`);
      break;
    case 'invalid-utf8':
      return Buffer.concat([Buffer.from(fields.join('\t')), Buffer.of(0xff, 0xfe, 0x0a)]);
  }
  return Buffer.from(`${fields.join('\t')}\n`);
}
