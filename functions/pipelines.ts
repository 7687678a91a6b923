/** The pipelines that can be started, each with its orchestrator (of the same name) and the tables it carries. */
import { youflixTables } from '../shared/catalog/youflix-tables.ts';

export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly tables: readonly string[];
  /** The app setting that holds its NCRONTAB schedule. */
  readonly scheduleSetting: string;
}

export const pipelines: readonly Pipeline[] = [
  {
    name: 'youflix',
    description: 'Users, plans and subscriptions from SQL Server through bronze CSV into silver Delta tables.',
    tables: youflixTables.map(table => table.name),
    scheduleSetting: 'YOUFLIX_SCHEDULE',
  },
];

export function findPipeline(name: string): Pipeline | undefined {
  return pipelines.find(pipeline => pipeline.name === name);
}
