import type { SilverTable } from '../silver-table.ts';
import { landingColumns } from './landing-columns.ts';

export const movies: SilverTable = {
  name: 'movies',
  description: 'One row per list, day and movie: what was known of it. Of all days and lists: movies-latest.sql.',
  key: ['movie_id'],
  columns: [
    { name: 'movie_id', type: 'long', nullable: false, description: 'The movie, by its number at TMDB.' },
    { name: 'title', type: 'string', nullable: true, description: 'Name in the language of the list.' },
    { name: 'original_title', type: 'string', nullable: true, description: 'Name in the original language.' },
    { name: 'original_language', type: 'string', nullable: true, description: 'ISO 639-1 code, such as en.' },
    { name: 'release_date', type: 'date', nullable: true, description: 'First release; in the market of the list.' },
    { name: 'adult', type: 'boolean', nullable: true, description: 'Whether it is for adults only.' },
    { name: 'video', type: 'boolean', nullable: true, description: 'Whether it was released as a video only.' },
    { name: 'overview', type: 'string', nullable: true, description: 'What it is about.' },
    { name: 'popularity', type: 'double', nullable: true, description: "TMDB's measure of interest, without a limit." },
    { name: 'vote_average', type: 'decimal(5,3)', nullable: true, description: 'Mean of all votes, from 0 to 10.' },
    { name: 'vote_count', type: 'integer', nullable: true, description: 'Votes it has received.' },
    { name: 'poster_path', type: 'string', nullable: true, description: 'Below the address of images.' },
    { name: 'backdrop_path', type: 'string', nullable: true, description: 'Below the address of images.' },
    ...landingColumns,
  ],
  select: new URL('./movies.sql', import.meta.url),
};
