/** Titles, the names they go by elsewhere, episodes and ratings. Shapes: developer.imdb.com/non-commercial-datasets. */
import { type Random, randomFor } from '../random.ts';
import { makeTitle, pickTongue, tongues } from './words.ts';
import { nowhere, orphanShare, titleId, type World } from './world.ts';

/** What stands for "no value". */
export const none = '\\N';
/** What separates the `types` and the `attributes` of an aka. */
const unitSeparator = '\u0002';

interface Title {
  readonly kind: string;
  readonly primary: string;
  readonly original: string;
  readonly isAdult: boolean;
  readonly start: number | null;
  readonly end: number | null;
  readonly minutes: number | null;
  readonly genres: string | null;
}

/** A line of title.basics. A change is another running time. */
export function basicsLines(world: World, ordinal: number, changes: number): string[] {
  const { kind, primary, original, isAdult, start, end, minutes, genres } = titleAt(world, ordinal);
  const later = changes === 0 ? minutes : (minutes ?? 60) + changes;
  const about = row(titleId(ordinal), kind, primary, original, isAdult ? 1 : 0);
  return [row(about, start ?? none, end ?? none, later ?? none, genres ?? none)];
}

function titleAt(world: World, ordinal: number): Title {
  const random = randomFor(world.seed, 'basics', ordinal);
  const original = originalTitle(world, ordinal);
  const film = world.films[ordinal];
  if (film !== undefined) {
    const { year: start, genres } = film;
    const minutes = film.minutes ?? (random.chance(0.1) ? null : random.between(80, 160));
    return { kind: 'movie', primary: original, original, isAdult: false, start, end: null, minutes, genres };
  }
  const kind = kindOf(world, ordinal);
  const isAdult = random.chance(0.015);
  const start = random.chance(0.04) ? null : random.between(1894, 2026);
  const isOver = kind.endsWith('Series') && random.chance(0.6);
  return {
    kind,
    primary: random.chance(0.8) ? original : makeTitle(random, pickTongue(random)),
    original,
    isAdult,
    start,
    end: isOver && start !== null ? Math.min(start + random.between(0, 12), 2026) : null,
    minutes: random.chance(0.3) ? null : random.between(1, kind === 'short' ? 40 : 200),
    genres: random.chance(0.04) ? null : genreList(random, isAdult),
  };
}

function genreList(random: Random, adult: boolean): string {
  const chosen = new Set(adult ? ['Adult'] : []);
  for (let count = random.between(1, 3); count > 0; count--) chosen.add(random.pick(genres));
  return [...chosen].sort().slice(0, 3).join(',');
}

function originalTitle(world: World, ordinal: number): string {
  const film = world.films[ordinal];
  if (film !== undefined) return film.title;
  const random = randomFor(world.seed, 'names', ordinal);
  return makeTitle(random, pickTongue(random));
}

/** Of twelve titles that are no real films, the first is a series and the next five are episodes of some series. */
const cycle = 12;
const episodesInCycle = 5;

function kindOf(world: World, ordinal: number): string {
  const position = (ordinal - world.films.length) % cycle;
  if (position === 0) return ordinal % 4 === 0 ? 'tvMiniSeries' : 'tvSeries';
  if (position <= episodesInCycle) return 'tvEpisode';
  return kinds[position % kinds.length] ?? 'short';
}

/** A line of title.episode where the title is one. A change is another number in its season. */
export function episodeLines(world: World, ordinal: number, changes: number): string[] {
  if (world.films[ordinal] !== undefined || kindOf(world, ordinal) !== 'tvEpisode') return [];
  const random = randomFor(world.seed, 'episodes', ordinal);
  const series = Math.floor((world.titles - world.films.length - 1) / cycle);
  const parent = world.films.length + cycle * random.between(0, Math.max(series, 0));
  const parentId = titleId(random.chance(orphanShare) ? nowhere(world.titles, parent) : parent);
  const isNumbered = random.chance(0.85);
  const [season, episode] = [random.between(1, 20), random.between(1, 24)];
  if (!isNumbered && changes === 0) return [row(titleId(ordinal), parentId, none, none)];
  return [row(titleId(ordinal), parentId, season, episode + changes)];
}

/** Lines of title.akas: the original title first, then how it is called elsewhere. A change renames the last one. */
export function akasLines(world: World, ordinal: number, changes: number): string[] {
  const random = randomFor(world.seed, 'akas', ordinal);
  const count = ordinal % longAkasEvery === 7 ? longAkas : (akaCounts[random.between(0, akaCounts.length - 1)] ?? 0);
  if (count === 0) return [];
  const id = titleId(random.chance(orphanShare) ? nowhere(world.titles, ordinal) : ordinal);
  const title = originalTitle(world, ordinal);
  return Array.from({ length: count }, (_, at) => {
    const renamed = (name: string): string => (changes > 0 && at === count - 1 ? `${name} ${changes + 1}` : name);
    if (at === 0) return row(id, 1, renamed(title), none, none, 'original', none, 1);
    const tongue = random.pick(tongues);
    const name = random.chance(0.4) ? title : makeTitle(random, tongue);
    const language = random.chance(0.3) ? tongue.language : none;
    return row(id, at + 1, renamed(name), tongue.region, language, random.pick(akaTypes), random.pick(akaNotes), 0);
  });
}

const longAkasEvery = 2_500;
const longAkas = 180;
const akaCounts = [0, 1, 1, 1, 2, 2, 3, 3, 4, 8];

/** A line of title.ratings for every seventh title, and for each real film as it was rated. A change brings votes. */
export function ratingsLines(world: World, ordinal: number, changes: number): string[] {
  const film = world.films[ordinal];
  const random = randomFor(world.seed, 'ratings', ordinal);
  if (film === undefined && !random.chance(1 / 7)) return [];
  const made = {
    average: (random.between(10, 100) / 10).toFixed(1),
    votes: 5 + Math.floor(2_000_000 * random.next() ** 12),
  };
  const rating = film === undefined ? made : film.rating;
  if (rating === null) return [];
  const votes = rating.votes + changes * (1 + Math.floor(rating.votes / 500));
  return [row(titleId(ordinal), rating.average, votes)];
}

/** A line of a file, without its end. */
export function row(...fields: readonly (string | number)[]): string {
  return fields.join('\t');
}

const kinds = ['short', 'movie', 'video', 'short', 'tvMovie', 'tvSpecial', 'videoGame'];

const genres = [
  ...['Action', 'Adventure', 'Animation', 'Biography', 'Comedy', 'Crime', 'Documentary', 'Drama', 'Family', 'Fantasy'],
  ...['Film-Noir', 'Game-Show', 'History', 'Horror', 'Music', 'Mystery', 'News', 'Reality-TV', 'Romance', 'Sci-Fi'],
  ...['Short', 'Sport', 'Talk-Show', 'Thriller', 'War', 'Western'],
];

const akaTypes = [none, none, 'imdbDisplay', 'imdbDisplay', 'working', 'alternative', `imdbDisplay${unitSeparator}dvd`];

const akaNotes = [
  ...[none, none, none, none, none, 'literal title', 'transliterated title', 'new title'],
  ...['reissue title', 'DVD box title', `literal English title${unitSeparator}third segment`],
];
