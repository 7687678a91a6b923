import type { SilverTable } from '../silver-table.ts';

/** Columns that end every table: whence the row is. `list` and `date` are in the path, as Hive and Spark keep partitions. */
export const landingColumns: SilverTable['columns'] = [
  { name: 'landed_at', type: 'timestamp', nullable: false, description: 'When the last page of the list was safe.' },
  { name: 'run_id', type: 'string', nullable: false, description: 'The run that read the list.' },
];
