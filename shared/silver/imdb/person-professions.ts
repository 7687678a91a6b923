import type { ImdbTable } from './imdb-table.ts';

export const personProfessions: ImdbTable = {
  name: 'person_professions',
  description: 'One row per person and main profession.',
  dataSet: 'name.basics',
  key: ['person_id', 'position'],
  columns: [
    { name: 'person_id', type: 'string', nullable: false, description: 'The person.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of professions, from 1.' },
    { name: 'profession', type: 'string', nullable: false, description: 'The profession, such as director.' },
  ],
  references: [{ column: 'person_id', table: 'people' }],
  select: new URL('./person-professions.sql', import.meta.url),
};
