import { readFile } from 'node:fs/promises';
import type sql from 'mssql';

const script = new URL('../../infra/sql/youflix.sql', import.meta.url);

/** Makes the platform's tables and procedures where they are missing, from the script that also makes them in Azure. */
export async function applySchema(pool: sql.ConnectionPool): Promise<void> {
  for (const batch of batchesOf(await readFile(script, 'utf8'))) await pool.request().batch(batch);
}

/** The batches of a script: GO on a line of its own parts them, as for sqlcmd. It is no T-SQL, and servers refuse it. */
export function batchesOf(text: string): string[] {
  return text.split(/^\s*GO\s*$/im).filter(batch => batch.trim() !== '');
}
