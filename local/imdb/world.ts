/** Who and what exists, and how things go on from one delivery to the next: all of it a function of the seed. */
import { type Random, randomFor } from '../random.ts';
import { type Film, loadFilms } from './films.ts';

export interface World {
  readonly seed: number;
  /** Titles of the first delivery, numbered from 0. */
  readonly titles: number;
  /** People of the first delivery, numbered from 0. */
  readonly people: number;
  /** The first titles, half of them all at most. */
  readonly films: readonly Film[];
  /** The first people. */
  readonly directors: readonly string[];
  /** The numbers of a director's films, by the director's name. */
  readonly filmsOf: ReadonlyMap<string, readonly number[]>;
}

/** Of the references to titles and people, how many point to none, as happens in IMDb's own files. */
export const orphanShare = 0.001;

/** @param people default: as many as titles */
export async function makeWorld(seed: number, titles: number, people = titles): Promise<World> {
  const films = (await loadFilms()).slice(0, Math.ceil(titles / 2));
  const filmsOf = new Map<string, number[]>();
  for (const [ordinal, { director }] of films.entries()) {
    if (director === null) continue;
    filmsOf.set(director, [...(filmsOf.get(director) ?? []), ordinal]);
  }
  const directors = [...filmsOf.keys()].slice(0, people);
  return { seed, titles, people, films, directors, filmsOf };
}

export function titleId(ordinal: number): string {
  return `tt${String(ordinal + 1).padStart(7, '0')}`;
}

export function personId(ordinal: number): string {
  return `nm${String(ordinal + 1).padStart(7, '0')}`;
}

/** The id of some title, seldom of one that is nowhere. */
export function someTitle(random: Random, { titles }: World): string {
  return titleId(reference(random, titles));
}

/** The id of some person, seldom of one that is nowhere. */
export function somePerson(random: Random, { people }: World): string {
  return personId(reference(random, people));
}

function reference(random: Random, count: number): number {
  const ordinal = random.between(0, count - 1);
  return random.chance(orphanShare) ? nowhere(count, ordinal) : ordinal;
}

/** A number that no title or person has, in any delivery. */
export function nowhere(count: number, ordinal: number): number {
  return 2 * count + ordinal;
}

/** A number that not even an orphaned reference has. */
export function beyond(count: number, at: number): number {
  return 4 * count + at;
}

/** How files differ from delivery to delivery. */
export interface Deliveries {
  /** 0 is the first one. */
  readonly number: number;
  /** Of the titles and people, how many change or go from one delivery to the next; every tenth of them goes. */
  readonly changes: number;
}

/** What became of a title or person: undefined when it is not there (yet, or any more), else how often it has changed. */
export function changesOf(
  world: World,
  of: 'titles' | 'people',
  ordinal: number,
  deliveries: Deliveries,
): number | undefined {
  const arrived = ordinal < world[of] ? 0 : Math.floor((ordinal - world[of]) / arrivals(world, of, deliveries)) + 1;
  if (arrived > deliveries.number) return undefined;
  let changes = 0;
  for (let number = arrived + 1; number <= deliveries.number; number++) {
    const chance = randomFor(world.seed + number, `${of} on`, ordinal).next();
    if (chance < deliveries.changes / 10) return undefined;
    if (chance < deliveries.changes) changes += 1;
  }
  return changes;
}

/** How many titles or people there have been up to a delivery: what is new goes to the end. */
export function ordinalsUpTo(world: World, of: 'titles' | 'people', deliveries: Deliveries): number {
  return world[of] + deliveries.number * arrivals(world, of, deliveries);
}

/** New titles or people with each delivery: as many as go. */
function arrivals(world: World, of: 'titles' | 'people', { changes }: Deliveries): number {
  return Math.ceil((world[of] * changes) / 10);
}
