/** Any deliveries one after another: silver is what a model says it is, and so are the counts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeltaEngine } from '../../../../shared/delta/engine.ts';
import { testLake } from '../../delta/lake.ts';
import { deliver, silverRows } from './deliveries.ts';

/** A line of title.principals; what does not fit has null for its characters. */
interface Credit {
  readonly title: string;
  readonly ordering: number;
  readonly person: string;
  readonly characters: readonly string[] | null;
  readonly malformed: boolean;
}

const credit: fc.Arbitrary<Credit> = fc.record({
  title: fc.constantFrom('tt1', 'tt2', 'tt3', 'tt4', 'tt5'),
  ordering: fc.integer({ min: 1, max: 3 }),
  person: fc.constantFrom('nm1', 'nm2'),
  characters: fc.option(fc.array(fc.constantFrom('a', 'b "c"', '', '\u{1f600}'), { maxLength: 3 }), { freq: 9 }),
  malformed: fc.constant(false),
});
const line = fc.oneof(
  { weight: 9, arbitrary: credit },
  { weight: 1, arbitrary: credit.map(one => ({ ...one, malformed: true })) },
);
const deliveries = fc.array(fc.array(line, { minLength: 1, maxLength: 14 }), { minLength: 2, maxLength: 3 });

/** Rows of both tables, each by its key. */
interface Silver {
  readonly credits: ReadonlyMap<string, string>;
  readonly characters: ReadonlyMap<string, string>;
}

function text({ title, ordering, person, characters, malformed }: Credit): string {
  const fields = [title, ordering, person, 'actor', '\\N', characters === null ? '[1]' : JSON.stringify(characters)];
  return [...fields, ...(malformed ? ['surplus'] : [])].join('\t');
}

function isGood({ characters, malformed }: Credit): boolean {
  return characters !== null && !malformed;
}

function delivered(lines: readonly Credit[]): Silver {
  const last = new Map(lines.filter(isGood).map(one => [`${one.title} ${one.ordering}`, one]));
  const credits = [...last].map(([key, { person }]) => [key, person] as const);
  const characters = [...last].flatMap(([key, one]) =>
    (one.characters ?? []).flatMap((name, index) => (name === '' ? [] : [[`${key} ${index + 1}`, name] as const])),
  );
  return { credits: new Map(credits), characters: new Map(characters) };
}

/** The table after a delivery, and what the delivery did to it. */
function applied(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  stays: (key: string) => boolean,
) {
  const gone = [...before].filter(([key]) => !now.has(key));
  const kept = gone.filter(([key]) => stays(key));
  const changes = {
    inserted: [...now.keys()].filter(key => !before.has(key)).length,
    updated: [...now].filter(([key, value]) => before.has(key) && before.get(key) !== value).length,
    deleted: gone.length - kept.length,
    kept: kept.length,
  };
  return { after: new Map([...now, ...kept]), changes };
}

async function silver(engine: DeltaEngine): Promise<Silver> {
  const credits = (await silverRows('title_principals', engine)).map(row => [`${row[0]} ${row[1]}`, row[2]] as const);
  const characters = await silverRows('principal_characters', engine);
  return {
    credits: new Map(credits as [string, string][]),
    characters: new Map(characters.map(row => [`${row[0]} ${row[1]} ${row[2]}`, String(row[3])])),
  };
}

test('silver after any deliveries is what the model says, and an equal delivery changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(deliveries, async given => {
      await using lake = await testLake();
      let before: Silver = { credits: new Map(), characters: new Map() };
      for (const [index, lines] of [...given, given.at(-1) ?? []].entries()) {
        const now = delivered(lines);
        const held = new Set(lines.filter(one => !isGood(one)).map(({ title }) => title));
        const stays = (key: string): boolean => {
          const [title, ordering] = key.split(' ');
          return held.has(title ?? '') && !now.credits.has(`${title} ${ordering}`);
        };
        const receipt = await deliver('title.principals', lines.map(text), { sequence: index }, lake.engine);
        const credits = applied(before.credits, now.credits, stays);
        const characters = applied(before.characters, now.characters, stays);
        expect(receipt.tables).toMatchObject([credits.changes, characters.changes]);
        expect(receipt.quarantine.rows).toBe(lines.filter(one => !isGood(one)).length);
        expect(receipt.duplicates).toBe(lines.filter(isGood).length - now.credits.size);
        before = { credits: credits.after, characters: characters.after };
        expect(await silver(lake.engine)).toEqual(before);
      }
    }),
    { numRuns: 10 },
  );
});
