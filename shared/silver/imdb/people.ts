import type { ImdbTable } from './imdb-table.ts';

export const people: ImdbTable = {
  name: 'people',
  description: 'One row per person.',
  dataSet: 'name.basics',
  key: ['person_id'],
  columns: [
    { name: 'person_id', type: 'string', nullable: false, description: 'The person, such as nm0000001.' },
    { name: 'name', type: 'string', nullable: true, description: 'Name most often credited.' },
    { name: 'birth_year', type: 'integer', nullable: true, description: 'Year of birth.' },
    { name: 'death_year', type: 'integer', nullable: true, description: 'Year of death.' },
  ],
  references: [],
  select: new URL('./people.sql', import.meta.url),
};
