import type { ImdbTable } from './imdb-table.ts';

export const titleGenres: ImdbTable = {
  name: 'title_genres',
  description: 'One row per title and genre it belongs to.',
  dataSet: 'title.basics',
  key: ['title_id', 'position'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of genres, from 1.' },
    { name: 'genre', type: 'string', nullable: false, description: 'The genre, such as Documentary.' },
  ],
  references: [{ column: 'title_id', table: 'titles' }],
  select: new URL('./title-genres.sql', import.meta.url),
};
