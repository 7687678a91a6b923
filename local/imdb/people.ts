/** People and what they did. Shapes: developer.imdb.com/non-commercial-datasets. */
import { randomFor } from '../random.ts';
import { none, row } from './titles.ts';
import { makeName } from './words.ts';
import { personId, somePerson, someTitle, titleId, type World } from './world.ts';

/** A line of name.basics. A change is another title the person is known for. */
export function nameLines(world: World, ordinal: number, changes: number): string[] {
  const random = randomFor(world.seed, 'people', ordinal);
  const director = world.directors[ordinal];
  const birth = random.chance(0.6) ? undefined : random.between(1860, 2010);
  const death = birth === undefined || random.chance(0.7) ? undefined : Math.min(birth + random.between(1, 95), 2026);
  const professions = random.pick(professionLists);
  // Of real people nothing is made up here.
  const about =
    director === undefined
      ? row(makeName(random), birth ?? none, death ?? none, professions)
      : row(director, none, none, 'director');
  const films = (world.filmsOf.get(director ?? '') ?? []).slice(0, 4).map(titleId);
  const made = Array.from({ length: random.between(0, 4) }, () => someTitle(random, world));
  const knownFor = [...new Set(films.length > 0 ? films : made)];
  for (let change = 1; change <= changes; change++) knownFor[change % 4] = someTitle(random, world);
  return [row(personId(ordinal), about, list(knownFor.filter(id => id !== undefined)))];
}

/** A line of title.crew. A change is one writer more. */
export function crewLines(world: World, ordinal: number, changes: number): string[] {
  const random = randomFor(world.seed, 'writers', ordinal);
  const count = ordinal % manyWritersEvery === 11 ? manyWriters : (writerCounts[random.between(0, 5)] ?? 0);
  const writers = Array.from({ length: count + changes }, () => somePerson(random, world));
  return [row(titleId(ordinal), list(directorsOf(world, ordinal)), list([...new Set(writers)]))];
}

const manyWritersEvery = 3_000;
const manyWriters = 90;
const writerCounts = [0, 0, 1, 1, 2, 3];

/** Lines of title.principals: cast, then directors, then the others. A change is one credit more. */
export function principalsLines(world: World, ordinal: number, changes: number): string[] {
  const random = randomFor(world.seed, 'principals', ordinal);
  const credits: (readonly [person: string, category: string, job: string, characters: string])[] = [];
  for (let actors = random.between(0, 5); actors > 0; actors--) {
    const characters = random.chance(0.3) ? none : random.pick(characterLists);
    credits.push([somePerson(random, world), random.pick(playing), none, characters]);
  }
  for (const director of directorsOf(world, ordinal)) credits.push([director, 'director', none, none]);
  for (let others = random.between(0, 2) + changes; others > 0; others--) {
    const [category, job] = random.pick(behindTheCamera);
    credits.push([somePerson(random, world), category, job, none]);
  }
  const id = titleId(ordinal);
  return credits.map(([person, category, job, characters], at) => row(id, at + 1, person, category, job, characters));
}

/** Ids of who directed a title; the real one of a real film. */
function directorsOf(world: World, ordinal: number): string[] {
  const film = world.films[ordinal];
  const real = film?.director ? world.directors.indexOf(film.director) : -1;
  if (real >= 0) return [personId(real)];
  const random = randomFor(world.seed, 'directors', ordinal);
  const count = directorCounts[random.between(0, directorCounts.length - 1)] ?? 0;
  return [...new Set(Array.from({ length: count }, () => somePerson(random, world)))];
}

const directorCounts = [0, 0, 1, 1, 1, 1, 1, 2];

function list(items: readonly string[]): string {
  return items.length === 0 ? none : items.join(',');
}

/** The empty one is IMDb's own: of this list alone, `\N` does not stand for "none". */
const professionLists = [
  ...[
    'actor',
    'actress',
    'actor,producer',
    'actress,soundtrack',
    'writer',
    'director,writer',
    'composer,music_department',
  ],
  ...['cinematographer', 'editor,editorial_department', 'miscellaneous', 'producer,director,writer', ''],
];

const playing = ['actor', 'actress', 'actor', 'actress', 'self'];

const behindTheCamera = [
  ['writer', 'written by'],
  ['writer', 'story "as told to"'],
  ['producer', 'producer'],
  ['composer', none],
  ['cinematographer', 'director of photography'],
  ['editor', none],
  ['archive_footage', none],
] as const;

const characterLists = [
  ['Self'],
  ['Narrator'],
  ['The Clockmaker'],
  ['Ada "Quill" Marsh'],
  ['Witness #2', 'Man with Hat'],
  ['C:\\> Prompt'],
  ['Gräfin Käthe', 'Die Fälscherin'],
  ['佐藤刑事'],
  ['Анна'],
  ['الراوي'],
  ["O'Hara, Jr."],
  ['Dr. \\ "Slash"', 'Self - Host'],
].map(names => JSON.stringify(names));
