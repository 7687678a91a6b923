import type { ImdbTable } from './imdb-table.ts';

export const titles: ImdbTable = {
  name: 'titles',
  description: 'One row per title: film, series, episode, video game.',
  dataSet: 'title.basics',
  key: ['title_id'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title, such as tt0000001.' },
    { name: 'title_type', type: 'string', nullable: true, description: 'Kind of title, such as movie or tvEpisode.' },
    { name: 'primary_title', type: 'string', nullable: true, description: 'Name it is best known by.' },
    { name: 'original_title', type: 'string', nullable: true, description: 'Name in the original language.' },
    { name: 'is_adult', type: 'boolean', nullable: true, description: 'Whether it is for adults only.' },
    { name: 'start_year', type: 'integer', nullable: true, description: 'Year of release; of a series, its first.' },
    { name: 'end_year', type: 'integer', nullable: true, description: 'Last year of a series.' },
    { name: 'runtime_minutes', type: 'integer', nullable: true, description: 'Length in minutes.' },
  ],
  references: [],
  select: new URL('./titles.sql', import.meta.url),
};
