import type { ImdbTable } from './imdb-table.ts';

export const principalCharacters: ImdbTable = {
  name: 'principal_characters',
  description: 'One row per credit of title_principals and character played in it.',
  dataSet: 'title.principals',
  key: ['title_id', 'ordering', 'position'],
  columns: [
    { name: 'title_id', type: 'string', nullable: false, description: 'The title.' },
    { name: 'ordering', type: 'integer', nullable: false, description: 'Number of the credit within its title.' },
    { name: 'position', type: 'integer', nullable: false, description: 'Place in the list of characters, from 1.' },
    { name: 'character', type: 'string', nullable: false, description: 'Name of the character.' },
  ],
  references: [{ column: 'title_id', table: 'titles' }],
  select: new URL('./principal-characters.sql', import.meta.url),
};
