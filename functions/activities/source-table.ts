import type { SourceTable } from '../../shared/catalog/types.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { ConfigError } from '../../shared/errors.ts';

/** @throws ConfigError `unknown-table`: a deploy took the table out of the catalog while a run was under way */
export function sourceTable(name: string): SourceTable {
  const table = youflixTables.find(candidate => candidate.name === name);
  if (table) return table;
  const known = youflixTables.map(candidate => candidate.name).join(', ');
  throw new ConfigError(`catalog: there is no table ${JSON.stringify(name)} (there are: ${known})`, {
    code: 'unknown-table',
  });
}
