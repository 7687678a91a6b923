import type { ImdbTable } from './imdb-table.ts';

export const titleDirectors: ImdbTable = {
  name: 'title_directors',
  description: 'One row per title and person who directed it.',
  dataSet: 'title.crew',
  key: ['title_id', 'position'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of directors, from 1.' },
    { name: 'person_id', type: 'string', nullable: false, description: 'The director.' },
  ],
  references: [
    { column: 'title_id', table: 'titles' },
    { column: 'person_id', table: 'people' },
  ],
  select: new URL('./title-directors.sql', import.meta.url),
};
