import sql from 'mssql';
import { type Change, type ChangeContext, type ChangedRow, changedBy } from './change.ts';
import { cancelReason } from './people.ts';
import { pickPlan, plans } from './plans.ts';

/** To another plan, dearer or cheaper, at its price of today; a trial ends with it. */
export const upgrade: Change = {
  kind: 'upgrade',
  weight: 18,
  make: context =>
    changeFirst(
      context,
      `status IN (N'trial', N'active') AND plan_id <> @plan_id`,
      `plan_id = @plan_id, price = (SELECT monthly_price FROM dbo.plans WHERE plan_id = @plan_id), status = N'active'`,
      request => request.input('plan_id', sql.Int, pickPlan(context.random).planId),
    ),
};

/** A running subscription rests. */
export const pause: Change = {
  kind: 'pause',
  weight: 7,
  make: context => changeFirst(context, `status = N'active'`, `status = N'paused'`),
};

/** A resting subscription runs again. */
export const resume: Change = {
  kind: 'resume',
  weight: 4,
  make: context => changeFirst(context, `status = N'paused'`, `status = N'active'`),
};

/** A subscription ends, with or without a reason given. */
export const cancel: Change = {
  kind: 'cancel',
  weight: 12,
  make: context =>
    changeFirst(
      context,
      `status <> N'cancelled'`,
      `status = N'cancelled', ended_at = SYSUTCDATETIME(), cancel_reason = @reason`,
      request =>
        request.input('reason', sql.NVarChar(400), cancelReason(context.random, context.random.between(0, 2_000))),
    ),
};

/** A plan gets dearer or cheaper; running subscriptions keep their price. */
export const reprice: Change = {
  kind: 'reprice',
  weight: 1,
  make({ pool, random }) {
    const { planId, monthlyPrice } = random.pick(plans);
    const price = Math.round(monthlyPrice * random.between(80, 140)) / 100;
    return changedBy(
      'plans',
      pool.request().input('plan_id', sql.Int, planId).input('price', sql.Decimal(10, 2), price),
      `UPDATE dbo.plans SET monthly_price = @price, modified_at = SYSUTCDATETIME()
       OUTPUT inserted.plan_id AS id
       WHERE plan_id = @plan_id`,
    );
  },
};

/** Changes the first subscription, from a random one upwards, of which `fits` is true. */
function changeFirst(
  { pool, random, lastSubscriptionId }: ChangeContext,
  fits: string,
  assignments: string,
  bind: (request: sql.Request) => sql.Request = request => request,
): Promise<ChangedRow[]> {
  return changedBy(
    'subscriptions',
    bind(pool.request().input('from', sql.BigInt, random.between(1, lastSubscriptionId))),
    `UPDATE dbo.subscriptions SET ${assignments}, modified_at = SYSUTCDATETIME()
     OUTPUT inserted.subscription_id AS id
     WHERE subscription_id = (
       SELECT MIN(subscription_id) FROM dbo.subscriptions WHERE subscription_id >= @from AND is_deleted = 0 AND ${fits})`,
  );
}
