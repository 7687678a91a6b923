/** The registry of the silver tables made of the IMDb data sets. Adding one is adding its two files and a line here. */
import { people } from './people.ts';
import { personKnownFor } from './person-known-for.ts';
import { personProfessions } from './person-professions.ts';
import { principalCharacters } from './principal-characters.ts';
import type { SilverTable } from './silver-table.ts';
import { titleAkas } from './title-akas.ts';
import { titleDirectors } from './title-directors.ts';
import { titleEpisodes } from './title-episodes.ts';
import { titleGenres } from './title-genres.ts';
import { titlePrincipals } from './title-principals.ts';
import { titleRatings } from './title-ratings.ts';
import { titleWriters } from './title-writers.ts';
import { titles } from './titles.ts';

/** All tables, those of one data set together. */
export const imdbTables: readonly SilverTable[] = [
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

/** The functions that the SELECTs share, for DuckDB; `prelude.spark.sql` has the same for Spark. */
export const duckDbPrelude = new URL('./prelude.duckdb.sql', import.meta.url);
