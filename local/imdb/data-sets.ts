/** The seven data sets: their headers, and which lines a title or a person has in each. */
import { crewLines, nameLines, principalsLines } from './people.ts';
import { akasLines, basicsLines, episodeLines, ratingsLines, row } from './titles.ts';
import type { World } from './world.ts';

export interface DataSet {
  readonly name: string;
  readonly header: string;
  /** Whether its lines belong to titles or to people. */
  readonly of: 'titles' | 'people';
  /** The lines of one title or person, in the order of their keys; the same whenever asked. */
  readonly lines: (world: World, ordinal: number, changes: number) => readonly string[];
}

export const dataSets: readonly DataSet[] = [
  {
    name: 'title.basics',
    header: row(
      ...['tconst', 'titleType', 'primaryTitle', 'originalTitle', 'isAdult'],
      ...['startYear', 'endYear', 'runtimeMinutes', 'genres'],
    ),
    of: 'titles',
    lines: basicsLines,
  },
  {
    name: 'title.akas',
    header: row('titleId', 'ordering', 'title', 'region', 'language', 'types', 'attributes', 'isOriginalTitle'),
    of: 'titles',
    lines: akasLines,
  },
  { name: 'title.crew', header: row('tconst', 'directors', 'writers'), of: 'titles', lines: crewLines },
  {
    name: 'title.episode',
    header: row('tconst', 'parentTconst', 'seasonNumber', 'episodeNumber'),
    of: 'titles',
    lines: episodeLines,
  },
  {
    name: 'title.principals',
    header: row('tconst', 'ordering', 'nconst', 'category', 'job', 'characters'),
    of: 'titles',
    lines: principalsLines,
  },
  { name: 'title.ratings', header: row('tconst', 'averageRating', 'numVotes'), of: 'titles', lines: ratingsLines },
  {
    name: 'name.basics',
    header: row('nconst', 'primaryName', 'birthYear', 'deathYear', 'primaryProfession', 'knownForTitles'),
    of: 'people',
    lines: nameLines,
  },
];
