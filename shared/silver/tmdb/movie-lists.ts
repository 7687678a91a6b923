import type { SilverTable } from '../silver-table.ts';
import { landingColumns } from './landing-columns.ts';

export const movieLists: SilverTable = {
  name: 'movie_lists',
  description: 'One row per list, day and movie on the list.',
  key: ['movie_id'],
  columns: [
    { name: 'rank', type: 'integer', nullable: false, description: 'Place among the movies of the list, from 1.' },
    { name: 'page', type: 'integer', nullable: false, description: 'Page that the movie was on, from 1.' },
    { name: 'position_on_page', type: 'integer', nullable: false, description: 'Place on that page, from 1.' },
    { name: 'movie_id', type: 'long', nullable: false, description: 'The movie, by its number at TMDB.' },
    { name: 'popularity', type: 'double', nullable: true, description: "TMDB's measure of interest, without a limit." },
    { name: 'vote_average', type: 'decimal(5,3)', nullable: true, description: 'Mean of all votes, from 0 to 10.' },
    { name: 'vote_count', type: 'integer', nullable: true, description: 'Votes it has received.' },
    ...landingColumns,
  ],
  select: new URL('./movie-lists.sql', import.meta.url),
};
