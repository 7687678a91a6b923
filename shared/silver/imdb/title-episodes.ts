import type { ImdbTable } from './imdb-table.ts';

export const titleEpisodes: ImdbTable = {
  name: 'title_episodes',
  description: 'One row per episode of a series.',
  dataSet: 'title.episode',
  key: ['title_id'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The episode.' },
    { name: 'series_id', type: 'string', nullable: false, description: 'The series it belongs to.' },
    { name: 'season_number', type: 'integer', nullable: true, description: 'Season of the series.' },
    { name: 'episode_number', type: 'integer', nullable: true, description: 'Number within the season.' },
  ],
  references: [
    { column: 'title_id', table: 'titles' },
    { column: 'series_id', table: 'titles' },
  ],
  select: new URL('./title-episodes.sql', import.meta.url),
};
