/** Whatever is on the pages: ranks, repeated movies, rows set aside and genres are what a model in a few lines says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transformList } from '../../../../shared/silver/transform/transform-list.ts';
import { testLake } from '../../delta/lake.ts';
import { land, page, silverRows } from './landings.ts';

const nastyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\ud83d',
      '\ude00',
      '\\',
      '\\ud83d',
      'u',
      '"',
      "'",
      '\0',
      '\n',
      '\u{1f600}',
      'é',
      '\x01',
      '\x02',
    ),
  }),
);

const movie = fc.record({
  id: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  title: nastyText,
  popularity: fc.double({ noNaN: true, noDefaultInfinity: true }),
  vote_average: fc.integer({ min: 0, max: 10_000 }).map(thousandths => thousandths / 1000),
  // One in four does not fit.
  vote_count: fc.oneof({ weight: 3, arbitrary: fc.nat() }, { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, '7') }),
  genre_ids: fc.array(fc.nat({ max: 999 }), { maxLength: 4 }),
});
type Movie = typeof movie extends fc.Arbitrary<infer T> ? T : never;

function isGood({ vote_count }: Movie): boolean {
  return typeof vote_count === 'number' && Number.isInteger(vote_count) && vote_count >= 0;
}

/** In the order of the list: each good movie once, ranked by its first place, good or not. */
function expected(pages: readonly (readonly Movie[])[]) {
  const ranks = new Map<number, number>();
  const rows = new Map<number, { rank: number; page: number; position: number; movie: Movie }>();
  for (const [pageIndex, movies] of pages.entries()) {
    for (const [index, one] of movies.entries()) {
      const rank = ranks.get(one.id) ?? ranks.size + 1;
      ranks.set(one.id, rank);
      if (isGood(one) && !rows.has(one.id)) {
        rows.set(one.id, { rank, page: pageIndex + 1, position: index + 1, movie: one });
      }
    }
  }
  return [...rows.values()].sort((a, b) => a.rank - b.rank);
}

test('silver is what the pages say', async () => {
  const pages = fc.array(fc.array(movie, { maxLength: 8 }), { maxLength: 4 });
  await using lake = await testLake();
  let second = 0;
  await fc.assert(
    fc.asyncProperty(pages, async given => {
      // A landing is later than the one before, so that each replaces it.
      second += 1;
      const at = new Date(Date.UTC(2026, 0, 31, 0, 0, second)).toISOString();
      const receipt = await transformList(await land(given.map(page), { at }, lake.store), lake.engine);

      const rows = expected(given);
      const lists =
        'SELECT rank, page, position_on_page, movie_id, popularity, vote_average::DOUBLE, vote_count FROM silver ORDER BY rank';
      expect(await silverRows('movie_lists', lists, lake.engine)).toEqual(
        rows.map(({ rank, page, position, movie }) => [
          ...[rank, page, position, String(movie.id)],
          // Silver has no -0: JSON.stringify does not write it.
          ...[movie.popularity + 0, movie.vote_average, movie.vote_count],
        ]),
      );
      const titles = 'SELECT movie_id, encode(title)::VARCHAR FROM silver';
      expect(new Map((await silverRows('movies', titles, lake.engine)) as [string, string][])).toEqual(
        new Map(rows.map(({ movie }) => [String(movie.id), blobText(movie.title)])),
      );
      const genres = 'SELECT movie_id, list(genre_id ORDER BY position) FROM silver GROUP BY movie_id';
      expect(new Map((await silverRows('movie_genres', genres, lake.engine)) as [string, unknown][])).toEqual(
        new Map(
          rows
            .filter(({ movie }) => movie.genre_ids.length > 0)
            .map(({ movie }) => [String(movie.id), movie.genre_ids]),
        ),
      );
      expect(receipt.quarantined).toBe(given.flat().filter(one => !isGood(one)).length);
      expect(receipt.tables.map(({ rowsIn }) => rowsIn)).toEqual([1, 2, 3].map(() => given.flat().length));
      expect(receipt.tables[0]?.rows).toBe(rows.length);
    }),
    { numRuns: 20 },
  );
});

/** As DuckDB shows the bytes of a text. Node's encoder puts U+FFFD for half a surrogate pair too. */
function blobText(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map(byte => {
      const isPlain = byte >= 0x20 && byte < 0x7f && !['"', "'", '\\'].includes(String.fromCharCode(byte));
      return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
