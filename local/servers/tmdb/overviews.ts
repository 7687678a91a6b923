/** What a movie is about, in English. Of real films only what is known is said; the others are made up. */
import { none } from '../../imdb/titles.ts';
import type { Random } from '../../random.ts';

interface Subject {
  readonly title: string;
  /** Or IMDb's sign for none; so is `minutes`. */
  readonly year: string;
  readonly minutes: string;
  readonly director: string | null;
  readonly isReal: boolean;
}

export function overviewOf({ title, year, minutes, director, isReal }: Subject, random: Random): string {
  if (!isReal) {
    const [who, want, where] = [random.pick(people), random.pick(aims), random.pick(obstacles)];
    return `${who} ${want}, ${where}.`;
  }
  const made = director === null ? '' : `, directed by ${director}`;
  const when = year === none ? '' : ` of ${year}`;
  const length = minutes === none ? '' : ` ${minutes} minutes long.`;
  return `“${title}” is a film${when}${made}.${length}`;
}

const people = [
  'A clockmaker who has lost her sense of time',
  'An archivist on his last day of work',
  'Two sisters who have not spoken for years',
  'A retired signalman',
  'The youngest cook of a night train',
  'A translator of letters that nobody sent',
];

const aims = [
  'sets out to return what was never hers',
  'must find the one witness who remembers',
  'buys a house that is not on any map',
  'agrees to a journey of a single night',
  'tries to win back a lost orchard',
];

const obstacles = [
  'while the river rises',
  'and learns that the harbour keeps its own records',
  'only to be followed by a stranger with the same name',
  'as winter closes the only road',
  'although everybody in town says “no”',
];
