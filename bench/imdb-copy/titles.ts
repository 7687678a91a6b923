/** title.basics as IMDb delivers it, in bytes: the same rows for the same number, every time. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const types = ['tvEpisode', 'tvEpisode', 'tvEpisode', 'short', 'movie', 'video', 'tvSeries', 'tvMovie', 'videoGame'];
const genres = [
  'Action',
  'Animation',
  'Comedy',
  'Documentary',
  'Drama',
  'Family',
  'News',
  'Romance',
  'Short',
  'Talk-Show',
];
const odd = ['Être', '日本', 'Москва', '"The', 'Say"', 'Ñandú', '한국', "L'été"];

/** Writes so many titles to a `.tsv.gz`, about 85 bytes a line. */
export async function writeTitles(path: string, rows: number): Promise<void> {
  const below = chance(20_260_131);
  const pick = (words: readonly string[]): string => words[below(words.length)] ?? '';
  const words = Array.from({ length: 3000 }, (_, index) => (index % 50 === 0 ? pick(odd) : word(below)));
  const title = (): string => {
    if (below(3) === 0) return `Episode #${1 + below(30)}.${1 + below(400)}`;
    return Array.from({ length: 1 + below(5) }, () => pick(words)).join(' ');
  };
  const gzip = createGzip();
  const file = gzip.pipe(createWriteStream(path));
  let lines = 'tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\n';
  for (let row = 1; row <= rows; row += 1) {
    const primary = title();
    const fields = [
      `tt${String(row * 3).padStart(7, '0')}`,
      pick(types),
      primary,
      below(8) === 0 ? title() : primary,
      below(40) === 0 ? 1 : 0,
      below(12) === 0 ? '\\N' : 1900 + below(126),
      below(90) === 0 ? 1980 + below(45) : '\\N',
      below(3) === 0 ? '\\N' : 1 + below(180),
      below(25) === 0 ? '\\N' : [...new Set([pick(genres), pick(genres)])].sort().join(','),
    ];
    lines += `${fields.join('\t')}\n`;
    if (lines.length < 64 * 1024) continue;
    if (!gzip.write(lines)) await once(gzip, 'drain');
    lines = '';
  }
  gzip.end(lines);
  await finished(file);
}

/** Whole numbers below a bound, from a linear congruential generator: fast, and good enough for titles. */
function chance(seed: number): (bound: number) => number {
  let state = seed;
  return bound => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
}

function word(below: (bound: number) => number): string {
  const letters = Array.from({ length: 2 + below(9) }, () => String.fromCharCode(97 + below(26)));
  return letters.join('').replace(/^./, first => first.toUpperCase());
}
