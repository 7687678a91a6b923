import type { ImdbTable } from './imdb-table.ts';

export const titlePrincipals: ImdbTable = {
  name: 'title_principals',
  description: 'One row per title and credit of its principal cast and crew.',
  dataSet: 'title.principals',
  key: ['title_id', 'ordering'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'ordering', type: 'integer', nullable: false, description: 'Number of the credit within its title.' },
    { name: 'person_id', type: 'string', nullable: false, description: 'The person credited.' },
    { name: 'category', type: 'string', nullable: true, description: 'Kind of work, such as actor or composer.' },
    { name: 'job', type: 'string', nullable: true, description: 'The job, where it says more than the category.' },
  ],
  references: [
    { column: 'title_id', table: 'titles' },
    { column: 'person_id', table: 'people' },
  ],
  select: new URL('./title-principals.sql', import.meta.url),
};
