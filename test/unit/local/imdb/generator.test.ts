import { isUtf8 } from 'node:buffer';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BadKind, badKinds } from '../../../../local/imdb/bad-lines.ts';
import { type WriteOptions, writeDataSets } from '../../../../local/imdb/write-data-sets.ts';
import { type ImdbFieldType, imdbDataSets } from '../../../../shared/catalog/imdb-data-sets.ts';
import { entriesOf, rawLines, rowsOf } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'imdb-'));
afterAll(() => rmSync(folder, { recursive: true }));

let writes = 0;

/** Writes into a folder of its own. */
function write(options: Partial<WriteOptions>) {
  writes += 1;
  return writeDataSets(join(folder, String(writes)), { titles: 1000, seed: 1, ...options });
}

const none = '\\N';
const titles = 8000;

/** Column values of all rows of a data set of the large example, by header. */
type Row = Readonly<Record<string, string>>;
let example: ReadonlyMap<string, readonly Row[]>;

beforeAll(async () => {
  const written = await write({ titles });
  const rows = imdbDataSets.map(({ name, fields }): [string, Row[]] => [
    name,
    rowsOf(written[name]?.file ?? '').map(row => Object.fromEntries(row.map((value, at) => [fields[at]?.name, value]))),
  ]);
  example = new Map(rows);
});

const all = (name: string): readonly Row[] => example.get(name) ?? [];
const items = (rows: readonly Row[], column: string): string[] =>
  rows.flatMap(row => (row[column] === none || row[column] === '' ? [] : (row[column] ?? '').split(',')));

describe('the files', () => {
  test.each(imdbDataSets)('of $name have the header and the field types that the catalog declares', async dataSet => {
    const rows = all(dataSet.name);
    expect(rows.length).toBeGreaterThan(500);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(dataSet.fields.map(({ name }) => name));
      for (const { name, type, nullable } of dataSet.fields)
        expect(fits(row[name] ?? '', type, nullable), `${name}: ${row[name]}`).toBe(true);
    }
    const keys = rows.map(row => dataSet.key.map(name => row[name]).join(' '));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('are the same for the same seed, and others for another', async () => {
    const bytes = async (options: Partial<WriteOptions>) =>
      Object.values(await write({ zipped: ['title.crew'], ...options })).map(({ file }) =>
        readFileSync(file, 'base64'),
      );
    const first = await bytes({});
    expect(await bytes({})).toEqual(first);
    const other = await bytes({ seed: 2 });
    for (const [at, file] of first.entries()) expect(other[at]).not.toBe(file);
  });

  test('are those asked for, with as many people as asked for', async () => {
    const written = await write({ only: ['name.basics', 'title.crew'], people: 700 });
    expect(Object.entries(written).map(([name, { rows }]) => [name, rows])).toEqual([
      ['title.crew', 1000],
      ['name.basics', 700],
    ]);
  });

  test('begin with the best known film as it is', () => {
    const [film, crew, rating] = ['title.basics', 'title.crew', 'title.ratings'].map(name => all(name)[0]);
    expect(film).toMatchObject({ primaryTitle: 'The Shawshank Redemption', startYear: '1994', genres: 'Drama' });
    const director = all('name.basics').find(({ nconst }) => nconst === crew?.['directors']);
    expect(director).toMatchObject({ primaryName: 'Frank Darabont', birthYear: none, deathYear: none });
    expect(director?.['knownForTitles']).toContain(film?.['tconst']);
    expect(rating).toMatchObject({ tconst: film?.['tconst'], averageRating: '9.2', numVotes: '519541' });
  });
});

describe('eight thousand titles', () => {
  test('bring the quirks of the real files', () => {
    const names = all('title.basics').flatMap(row => [row['primaryTitle'] ?? '', row['originalTitle'] ?? '']);
    expect(names.filter(name => name.startsWith('"')).length).toBeGreaterThan(20);
    expect(names.filter(name => (name.split('"').length - 1) % 2 === 1).length).toBeGreaterThan(20);
    for (const script of ['Latin', 'Cyrillic', 'Greek', 'Hebrew', 'Arabic', 'Thai', 'Hangul', 'Han', 'Devanagari']) {
      expect(
        names.some(name => new RegExp(`\\p{Script=${script}}`, 'u').test(name)),
        script,
      ).toBe(true);
    }
    expect(names).toContain('Caché');
    expect(Math.max(...all('title.akas').map(({ ordering }) => Number(ordering)))).toBe(180);
    expect(Math.max(...all('title.crew').map(({ writers }) => (writers ?? '').split(',').length))).toBeGreaterThan(80);
    for (const column of ['types', 'attributes'])
      expect(all('title.akas').some(row => row[column]?.includes('\u0002'))).toBe(true);
    expect(all('title.principals').some(({ characters }) => characters?.includes('\\"'))).toBe(true);
    expect(all('title.principals').some(({ characters }) => characters?.includes('\\\\'))).toBe(true);
    expect(all('name.basics').some(({ primaryProfession }) => primaryProfession === '')).toBe(true);
    expect(all('title.basics').filter(({ isAdult }) => isAdult === '1').length).toBeGreaterThan(30);
  });

  test('agree with each other, but for one reference in a thousand', () => {
    const ids = new Set(all('title.basics').map(({ tconst }) => tconst));
    const people = new Set(all('name.basics').map(({ nconst }) => nconst));
    for (const name of ['title.crew', 'title.episode', 'title.principals', 'title.ratings'])
      expect(all(name).every(({ tconst }) => ids.has(tconst))).toBe(true);
    const toTitles = items(all('name.basics'), 'knownForTitles');
    const toPeople = [
      ...['directors', 'writers'].flatMap(column => items(all('title.crew'), column)),
      ...items(all('title.principals'), 'nconst'),
    ];
    for (const [references, known] of [
      [toTitles, ids],
      [toPeople, people],
    ] as const) {
      const orphans = references.filter(id => !known.has(id)).length;
      expect(orphans).toBeGreaterThan(0);
      expect(orphans / references.length).toBeLessThan(0.003);
    }
    const kinds = new Map(all('title.basics').map(({ tconst, titleType }) => [tconst, titleType]));
    const parents = all('title.episode').map(({ parentTconst }) => kinds.get(parentTconst) ?? '');
    expect(parents.filter(kind => kind.endsWith('Series')).length / parents.length).toBeGreaterThan(0.99);
    expect(all('title.episode').every(({ tconst }) => kinds.get(tconst) === 'tvEpisode')).toBe(true);
  });
});

test('a zipped data set holds the same rows as CSV', async () => {
  const only = ['title.akas'];
  const [plain, zipped] = [await write({ only, titles: 5000 }), await write({ only, titles: 5000, zipped: only })];
  const [entry, ...others] = await entriesOf(zipped['title.akas']?.file ?? '');
  expect(others).toEqual([]);
  expect(entry?.name).toBe('title.akas.csv');
  expect(parse(entry?.text ?? '').slice(1)).toEqual(rowsOf(plain['title.akas']?.file ?? ''));
});

describe('a later delivery', () => {
  test('differs from the one before by as many rows as it says', async () => {
    const options = fc.record({
      seed: fc.nat(),
      titles: fc.integer({ min: 1, max: 4000 }),
      changes: fc.constantFrom(0.01, 0.1, 0.5),
      delivery: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(options, async later => {
        const before = await write({ ...later, delivery: later.delivery - 1 });
        const after = await write(later);
        for (const { name, key } of imdbDataSets) {
          const byKey = (file = ''): Map<string, string> =>
            new Map(rowsOf(file).map(row => [row.slice(0, key.length).join(' '), row.join('\t')]));
          const [old, fresh] = [byKey(before[name]?.file), byKey(after[name]?.file)];
          expect(after[name], name).toMatchObject({
            rows: fresh.size,
            added: [...fresh.keys()].filter(id => !old.has(id)).length,
            gone: [...old.keys()].filter(id => !fresh.has(id)).length,
            changed: [...fresh].filter(([id, row]) => old.has(id) && old.get(id) !== row).length,
          });
        }
      }),
      { numRuns: 8 },
    );
  });

  test('without a number is the second one', async () => {
    const later = await write({ changes: 0.1 });
    for (const { changed, added, gone } of Object.values(later)) expect(changed + added + gone).toBeGreaterThan(0);
    expect(later['title.basics']?.changed).toBeGreaterThan(60);
  });
});

describe('bad lines', () => {
  test.each(badKinds)(
    '%s: as many as asked for, and without them the file is the good one',
    async kind => {
      const good = await write({});
      const bad = await write({ bad: { [kind]: 3 } });
      for (const { name } of imdbDataSets) {
        const expected = kind === 'wrong-type' && name === 'title.crew' ? {} : { [kind]: 3 };
        expect(bad[name]?.bad, name).toEqual(expected);
        const goodLines = rawLines(good[name]?.file ?? '');
        const left = rawLines(bad[name]?.file ?? '');
        expect(bad[name]?.rows).toBe(left.length);
        const added = insertedInto(goodLines, left);
        expect(added.length).toBe(Object.keys(expected).length * 3);
        for (const { line, next } of added) expect(isBad(kind, line, next, name), name).toBe(true);
      }
    },
    60_000,
  );

  test('are not made where CSV would hide them, nor of nothing', async () => {
    await expect(write({ zipped: ['title.crew'], bad: { 'no-key': 1 } })).rejects.toThrow(/title.crew: .* `zipped`/);
    await expect(write({ titles: 1, only: ['title.episode'], bad: { 'no-key': 1 } })).rejects.toThrow(/too few lines/);
  });
});

/** Whether a field holds what its type says, which the catalog documents. */
function fits(value: string, type: ImdbFieldType, nullable: boolean): boolean {
  if (value === none) return nullable;
  switch (type) {
    case 'integer':
      return /^\d+$/.test(value);
    case 'rating':
      return /^(\d\.\d|10\.0)$/.test(value);
    case 'flag':
      return value === '0' || value === '1';
    case 'json-list':
      return /^\[.*\]$/.test(value) && JSON.parse(value).every((item: unknown) => typeof item === 'string');
    default:
      return !/[\t\r\n]/.test(value);
  }
}

/** The lines of `longer` that `lines` does not have, each with the one after it. @throws Error when others are missing */
function insertedInto(lines: readonly string[], longer: readonly string[]): { line: string; next: string }[] {
  let at = 0;
  const inserted = longer.flatMap((line, index) => {
    if (line === lines[at]) at += 1;
    else return [{ line, next: longer[index + 1] ?? '' }];
    return [];
  });
  if (at < lines.length) throw new Error(`line ${at} is missing`);
  return inserted;
}

function isBad(kind: BadKind, line: string, next: string, name: string): boolean {
  const { fields = [], key = [] } = imdbDataSets.find(dataSet => dataSet.name === name) ?? {};
  const values = line.split('\t');
  const keyOf = (text: string): string => text.split('\t').slice(0, key.length).join('\t');
  switch (kind) {
    case 'duplicate-key':
      return keyOf(line) === keyOf(next);
    case 'wrong-type':
      return fields.some(({ type, nullable }, at) => !fits(values[at] ?? '', type, nullable));
    case 'no-key':
      return values[0] === none;
    case 'too-few-fields':
      return values.length === fields.length - 1;
    case 'too-many-fields':
      return values.length === fields.length + 1;
    case 'invalid-utf8':
      return !isUtf8(Buffer.from(line, 'latin1'));
    case 'other-line-end':
      return line.endsWith('\r');
    case 'lone-cr':
      return /\r./.test(line);
    case 'too-long':
      return line.length > 4 * 1024 * 1024;
  }
}
