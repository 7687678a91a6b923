/** How the generated rows are loaded: the columns of each table, their declared types, and where the value comes from. */
import sql from 'mssql';
import type { Plan, Subscription, User } from './rows.ts';

interface BulkColumn<Row> {
  readonly name: string;
  readonly type: () => sql.ISqlType;
  readonly nullable?: true;
  readonly value: (row: Row) => unknown;
}

export interface BulkTable<Row> {
  readonly name: string;
  readonly columns: readonly BulkColumn<Row>[];
}

export const planTable: BulkTable<Plan> = {
  name: 'dbo.plans',
  columns: [
    { name: 'plan_id', type: sql.Int, value: row => row.planId },
    { name: 'name', type: () => sql.NVarChar(60), value: row => row.name },
    { name: 'monthly_price', type: () => sql.Decimal(10, 2), value: row => row.monthlyPrice },
    { name: 'currency', type: () => sql.Char(3), value: row => row.currency },
    { name: 'max_screens', type: sql.TinyInt, value: row => row.maxScreens },
    { name: 'has_ads', type: sql.Bit, value: row => row.hasAds },
    { name: 'description', type: () => sql.NVarChar(sql.MAX), nullable: true, value: row => row.description },
    { name: 'is_deleted', type: sql.Bit, value: row => row.isDeleted },
    { name: 'created_at', type: () => sql.DateTime2(3), value: row => row.createdAt },
    { name: 'modified_at', type: () => sql.DateTime2(7), value: row => row.modifiedAt },
  ],
};

export const userTable: BulkTable<User> = {
  name: 'dbo.users',
  columns: [
    { name: 'external_id', type: sql.UniqueIdentifier, value: row => row.externalId },
    { name: 'email', type: () => sql.NVarChar(320), value: row => row.email },
    { name: 'display_name', type: () => sql.NVarChar(200), nullable: true, value: row => row.displayName },
    { name: 'country', type: () => sql.Char(2), value: row => row.country },
    { name: 'birth_date', type: sql.Date, nullable: true, value: row => row.birthDate },
    { name: 'marketing_opt_in', type: sql.Bit, value: row => row.marketingOptIn },
    { name: 'bio', type: () => sql.NVarChar(sql.MAX), nullable: true, value: row => row.bio },
    { name: 'is_deleted', type: sql.Bit, value: row => row.isDeleted },
    { name: 'created_at', type: () => sql.DateTime2(3), value: row => row.createdAt },
    { name: 'modified_at', type: () => sql.DateTime2(7), value: row => row.modifiedAt },
  ],
};

/** @param firstUserId the key that the server gave user number 0; the others follow it without a gap */
export function subscriptionTable(firstUserId: bigint): BulkTable<Subscription> {
  return {
    name: 'dbo.subscriptions',
    columns: [
      { name: 'user_id', type: sql.BigInt, value: row => firstUserId + BigInt(row.userOrdinal) },
      { name: 'plan_id', type: sql.Int, value: row => row.planId },
      { name: 'status', type: () => sql.NVarChar(20), value: row => row.status },
      { name: 'price', type: () => sql.Decimal(10, 2), value: row => row.price },
      { name: 'started_at', type: () => sql.DateTime2(0), value: row => row.startedAt },
      { name: 'ended_at', type: () => sql.DateTime2(0), nullable: true, value: row => row.endedAt },
      { name: 'cancel_reason', type: () => sql.NVarChar(400), nullable: true, value: row => row.cancelReason },
      { name: 'is_deleted', type: sql.Bit, value: row => row.isDeleted },
      { name: 'modified_at', type: () => sql.DateTime2(7), value: row => row.modifiedAt },
    ],
  };
}

/** Loads the rows, a batch after the other so that memory stays flat, and gives their number. */
export async function bulkLoad<Row>(
  transaction: sql.Transaction,
  table: BulkTable<Row>,
  rows: Iterable<Row>,
): Promise<number> {
  let loaded = 0;
  let batch: unknown[][] = [];
  const flush = async (): Promise<void> => {
    const target = new sql.Table(table.name);
    for (const { name, type, nullable } of table.columns)
      target.columns.add(name, type, { nullable: nullable ?? false });
    target.rows.push(...(batch as sql.IRow[]));
    await new sql.Request(transaction).bulk(target, { checkConstraints: true, keepNulls: true });
    loaded += batch.length;
    batch = [];
  };
  for (const row of rows) {
    batch.push(table.columns.map(column => column.value(row)));
    if (batch.length === rowsPerBatch) await flush();
  }
  if (batch.length > 0) await flush();
  return loaded;
}

const rowsPerBatch = 10_000;
