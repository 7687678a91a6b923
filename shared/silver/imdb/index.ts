/** The registry of the silver tables made of the IMDb data sets. Adding one is adding its two files and a line here. */
import type { ImdbTable } from './imdb-table.ts';
import { people } from './people.ts';
import { personKnownFor } from './person-known-for.ts';
import { personProfessions } from './person-professions.ts';
import { principalCharacters } from './principal-characters.ts';
import { titleAkas } from './title-akas.ts';
import { titleDirectors } from './title-directors.ts';
import { titleEpisodes } from './title-episodes.ts';
import { titleGenres } from './title-genres.ts';
import { titlePrincipals } from './title-principals.ts';
import { titleRatings } from './title-ratings.ts';
import { titleWriters } from './title-writers.ts';
import { titles } from './titles.ts';

/**
 * All tables, those of one data set together. A SELECT reads the good rows of its data set, as text, from a view that is called like the
 * data set (`title_basics`) with the columns of its header.
 */
export const imdbTables: readonly ImdbTable[] = [
  titles,
  titleGenres,
  titleAkas,
  titleDirectors,
  titleWriters,
  titleEpisodes,
  titlePrincipals,
  principalCharacters,
  titleRatings,
  people,
  personProfessions,
  personKnownFor,
];
