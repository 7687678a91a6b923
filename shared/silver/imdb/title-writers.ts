import type { ImdbTable } from './imdb-table.ts';

export const titleWriters: ImdbTable = {
  name: 'title_writers',
  description: 'One row per title and person who wrote it.',
  dataSet: 'title.crew',
  key: ['title_id', 'position'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of writers, from 1.' },
    { name: 'person_id', type: 'string', nullable: false, description: 'The writer.' },
  ],
  references: [
    { column: 'title_id', table: 'titles' },
    { column: 'person_id', table: 'people' },
  ],
  select: new URL('./title-writers.sql', import.meta.url),
};
