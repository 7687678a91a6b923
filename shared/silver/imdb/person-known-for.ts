import type { ImdbTable } from './imdb-table.ts';

export const personKnownFor: ImdbTable = {
  name: 'person_known_for',
  description: 'One row per person and title that the person is known for.',
  dataSet: 'name.basics',
  key: ['person_id', 'position'],
  columns: [
    { name: 'person_id', type: 'string', nullable: false, description: 'The person.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of titles, from 1.' },
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
  ],
  references: [
    { column: 'person_id', table: 'people' },
    { column: 'title_id', table: 'titles' },
  ],
  select: new URL('./person-known-for.sql', import.meta.url),
};
