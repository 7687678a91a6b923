/** The pipelines that can be started, each with its orchestrator (of the same name) and the tables it carries. */
import { imdbDataSets } from '../shared/catalog/imdb-data-sets.ts';
import { tmdbLists } from '../shared/catalog/tmdb-lists.ts';
import { youflixTables } from '../shared/catalog/youflix-tables.ts';
import type { RunMode } from '../shared/runs/run-record.ts';

export interface Pipeline {
  readonly name: string;
  readonly description: string;
  /** What a run may be restricted to: source tables, or data sets. */
  readonly tables: readonly string[];
  readonly modes: readonly RunMode[];
  /** The app setting that holds its NCRONTAB schedule. */
  readonly scheduleSetting: string;
}

export const pipelines: readonly Pipeline[] = [
  {
    name: 'youflix',
    description: 'Users, plans and subscriptions from SQL Server through bronze CSV into silver Delta tables.',
    tables: youflixTables.map(table => table.name),
    modes: ['full', 'incremental', 'backfill'],
    scheduleSetting: 'YOUFLIX_SCHEDULE',
  },
  {
    name: 'imdb',
    description: 'IMDb files from the landing container through bronze Parquet, flattened into silver Delta tables.',
    tables: imdbDataSets.map(dataSet => dataSet.name),
    modes: ['full', 'incremental'],
    scheduleSetting: 'IMDB_SCHEDULE',
  },
  {
    name: 'tmdb',
    description: 'Movie lists from TMDB to bronze JSON, an event for each, and from the event to silver Parquet.',
    tables: tmdbLists.map(list => list.name),
    modes: ['incremental'],
    scheduleSetting: 'TMDB_SCHEDULE',
  },
];

export function findPipeline(name: string): Pipeline | undefined {
  return pipelines.find(pipeline => pipeline.name === name);
}
