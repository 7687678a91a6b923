/** The seven IMDb data sets, as IMDb documents them (developer.imdb.com/non-commercial-datasets). Adding a column is adding an entry. */

/**
 * What a field must hold once `\N` (which stands for "no value" in every column) is set aside.
 * `list` is comma-separated, `unit-list` is separated by U+0002, `json-list` is a JSON array of strings, `flag` is 0 or 1,
 * `rating` is a number from 0 to 10 with one decimal.
 */
export type ImdbFieldType = 'text' | 'integer' | 'rating' | 'flag' | 'list' | 'unit-list' | 'json-list';

export interface ImdbField {
  /** As in the header of the file, and in bronze. */
  readonly name: string;
  readonly type: ImdbFieldType;
  /** False where `\N` is a fault. */
  readonly nullable: boolean;
}

export interface ImdbDataSet {
  /** As in the file's name, without endings: `title.basics` of `title.basics.tsv.gz`. */
  readonly name: string;
  readonly description: string;
  /** Fields that name a row; the first one is the title or person that the row belongs to. */
  readonly key: readonly string[];
  readonly fields: readonly ImdbField[];
}

const required = (name: string, type: ImdbFieldType = 'text'): ImdbField => ({ name, type, nullable: false });
const optional = (name: string, type: ImdbFieldType = 'text'): ImdbField => ({ name, type, nullable: true });

export const imdbDataSets: readonly ImdbDataSet[] = [
  {
    name: 'title.basics',
    description: 'One row per title: film, series, episode, video game.',
    key: ['tconst'],
    fields: [
      required('tconst'),
      optional('titleType'),
      optional('primaryTitle'),
      optional('originalTitle'),
      optional('isAdult', 'flag'),
      optional('startYear', 'integer'),
      optional('endYear', 'integer'),
      optional('runtimeMinutes', 'integer'),
      optional('genres', 'list'),
    ],
  },
  {
    name: 'title.akas',
    description: 'One row per title and name it goes by somewhere.',
    key: ['titleId', 'ordering'],
    fields: [
      required('titleId'),
      required('ordering', 'integer'),
      optional('title'),
      optional('region'),
      optional('language'),
      optional('types', 'unit-list'),
      optional('attributes', 'unit-list'),
      optional('isOriginalTitle', 'flag'),
    ],
  },
  {
    name: 'title.crew',
    description: 'One row per title: who directed and who wrote it.',
    key: ['tconst'],
    fields: [required('tconst'), optional('directors', 'list'), optional('writers', 'list')],
  },
  {
    name: 'title.episode',
    description: 'One row per episode of a series.',
    key: ['tconst'],
    fields: [
      required('tconst'),
      required('parentTconst'),
      optional('seasonNumber', 'integer'),
      optional('episodeNumber', 'integer'),
    ],
  },
  {
    name: 'title.principals',
    description: 'One row per title and credit of its principal cast and crew.',
    key: ['tconst', 'ordering'],
    fields: [
      required('tconst'),
      required('ordering', 'integer'),
      required('nconst'),
      optional('category'),
      optional('job'),
      optional('characters', 'json-list'),
    ],
  },
  {
    name: 'title.ratings',
    description: 'One row per rated title.',
    key: ['tconst'],
    fields: [required('tconst'), required('averageRating', 'rating'), required('numVotes', 'integer')],
  },
  {
    name: 'name.basics',
    description: 'One row per person.',
    key: ['nconst'],
    fields: [
      required('nconst'),
      optional('primaryName'),
      optional('birthYear', 'integer'),
      optional('deathYear', 'integer'),
      optional('primaryProfession', 'list'),
      optional('knownForTitles', 'list'),
    ],
  },
];
