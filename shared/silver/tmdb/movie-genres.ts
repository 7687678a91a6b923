import type { SilverTable } from '../silver-table.ts';
import { landingColumns } from './landing-columns.ts';

export const movieGenres: SilverTable = {
  name: 'movie_genres',
  description: 'One row per list, day, movie and genre it belongs to.',
  key: ['movie_id', 'position'],
  columns: [
    { name: 'movie_id', type: 'long', nullable: false, description: 'The movie.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of genres, from 1.' },
    { name: 'genre_id', type: 'integer', nullable: false, description: 'The genre, by its number at TMDB.' },
    { name: 'genre', type: 'string', nullable: true, description: 'Its name; NULL where it was not known.' },
    ...landingColumns,
  ],
  select: new URL('./movie-genres.sql', import.meta.url),
};
