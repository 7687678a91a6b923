import type { ImdbTable } from './imdb-table.ts';

export const titleAkas: ImdbTable = {
  name: 'title_akas',
  description:
    'One row per title, name it goes by somewhere, and place in the lists of types and attributes of that name.',
  dataSet: 'title.akas',
  key: ['title_id', 'ordering', 'position'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'ordering', type: 'integer', nullable: false, description: 'Number of the name within its title.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in types and attributes, from 1.' },
    { name: 'title', type: 'string', nullable: true, description: 'The name itself.' },
    { name: 'region', type: 'string', nullable: true, description: 'Where the name is used.' },
    { name: 'language', type: 'string', nullable: true, description: 'Language of the name.' },
    { name: 'is_original_title', type: 'boolean', nullable: true, description: 'Whether it is the original name.' },
    { name: 'type', type: 'string', nullable: true, description: 'Type at this place; NULL where there are fewer.' },
    { name: 'attribute', type: 'string', nullable: true, description: 'Attribute at this place; NULL likewise.' },
  ],
  references: [{ column: 'title_id', table: 'titles' }],
  select: new URL('./title-akas.sql', import.meta.url),
};
