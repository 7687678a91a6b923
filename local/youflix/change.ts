/** What a change on the platform is: one small transaction that stamps the rows it touches and says which those were. */
import type sql from 'mssql';
import type { Random } from '../random.ts';

export interface ChangedRow {
  readonly table: 'plans' | 'users' | 'subscriptions';
  readonly key: string;
}

export interface ChangeContext {
  readonly pool: sql.ConnectionPool;
  readonly random: Random;
  /** Keys run from 1 to here: a target is the first fitting row from a random key upwards. */
  readonly lastUserId: number;
  readonly lastSubscriptionId: number;
}

export interface Change {
  readonly kind: string;
  /** How often it happens, among the others. */
  readonly weight: number;
  /** No rows when no row fitted; then nothing was changed. */
  readonly make: (context: ChangeContext) => Promise<ChangedRow[]>;
}

/** Runs a statement whose OUTPUT gives the keys of the rows it touched as `id`. */
export async function changedBy(
  table: ChangedRow['table'],
  request: sql.Request,
  statement: string,
): Promise<ChangedRow[]> {
  const { recordset } = await request.query<{ id: string | number }>(statement);
  return recordset.map(({ id }) => ({ table, key: String(id) }));
}
