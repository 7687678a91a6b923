import type { ImdbTable } from './imdb-table.ts';

export const titleRatings: ImdbTable = {
  name: 'title_ratings',
  description: 'One row per rated title.',
  dataSet: 'title.ratings',
  key: ['title_id'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'average_rating', type: 'decimal(3,1)', nullable: false, description: 'Mean of all votes, from 0 to 10.' },
    { name: 'num_votes', type: 'integer', nullable: false, description: 'Votes it has received.' },
  ],
  references: [{ column: 'title_id', table: 'titles' }],
  select: new URL('./title-ratings.sql', import.meta.url),
};
