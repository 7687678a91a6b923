import sql from 'mssql';
import { type Change, changedBy } from './change.ts';
import { inTransaction } from './database.ts';
import { makeProfile } from './people.ts';
import { pickPlan } from './plans.ts';

/** Some of the people made here bring hostile text, none of them a huge biography. */
const ordinals = 2_000;

/** Somebody new, and their trial of a plan. */
export const signUp: Change = {
  kind: 'sign-up',
  weight: 30,
  async make({ pool, random }) {
    const profile = makeProfile(random, random.uuid().slice(0, 13).toLowerCase(), random.between(0, ordinals));
    const { planId } = pickPlan(random);
    return inTransaction(pool, async transaction => {
      const users = await changedBy(
        'users',
        new sql.Request(transaction)
          .input('external_id', sql.UniqueIdentifier, profile.externalId)
          .input('email', sql.NVarChar(320), profile.email)
          .input('display_name', sql.NVarChar(200), profile.displayName)
          .input('country', sql.Char(2), profile.country)
          .input('birth_date', sql.Date, profile.birthDate)
          .input('marketing_opt_in', sql.Bit, profile.marketingOptIn)
          .input('bio', sql.NVarChar(sql.MAX), profile.bio),
        `INSERT INTO dbo.users (external_id, email, display_name, country, birth_date, marketing_opt_in, bio)
         OUTPUT inserted.user_id AS id
         VALUES (@external_id, @email, @display_name, @country, @birth_date, @marketing_opt_in, @bio)`,
      );
      const subscriptions = await changedBy(
        'subscriptions',
        new sql.Request(transaction).input('user_id', sql.BigInt, users[0]?.key).input('plan_id', sql.Int, planId),
        `INSERT INTO dbo.subscriptions (user_id, plan_id, status, price, started_at)
         OUTPUT inserted.subscription_id AS id
         SELECT @user_id, plan_id, N'trial', monthly_price, SYSUTCDATETIME() FROM dbo.plans WHERE plan_id = @plan_id`,
      );
      return [...users, ...subscriptions];
    });
  },
};

/** Another name, biography and consent, NULL and hostile text among them. */
export const editProfile: Change = {
  kind: 'edit-profile',
  weight: 25,
  make({ pool, random, lastUserId }) {
    const { displayName, bio, marketingOptIn } = makeProfile(random, '', random.between(0, ordinals));
    return changedBy(
      'users',
      pool
        .request()
        .input('from', sql.BigInt, random.between(1, lastUserId))
        .input('display_name', sql.NVarChar(200), displayName)
        .input('bio', sql.NVarChar(sql.MAX), bio)
        .input('marketing_opt_in', sql.Bit, marketingOptIn),
      `UPDATE dbo.users
       SET display_name = @display_name, bio = @bio, marketing_opt_in = @marketing_opt_in, modified_at = SYSUTCDATETIME()
       OUTPUT inserted.user_id AS id
       WHERE user_id = (SELECT MIN(user_id) FROM dbo.users WHERE user_id >= @from AND is_deleted = 0)`,
    );
  },
};

/** The account stays as a row marked deleted; its subscriptions end. */
export const softDelete: Change = {
  kind: 'delete',
  weight: 3,
  make({ pool, random, lastUserId }) {
    return inTransaction(pool, async transaction => {
      const users = await changedBy(
        'users',
        new sql.Request(transaction).input('from', sql.BigInt, random.between(1, lastUserId)),
        `UPDATE dbo.users SET is_deleted = 1, modified_at = SYSUTCDATETIME()
         OUTPUT inserted.user_id AS id
         WHERE user_id = (SELECT MIN(user_id) FROM dbo.users WHERE user_id >= @from AND is_deleted = 0)`,
      );
      const subscriptions = await changedBy(
        'subscriptions',
        new sql.Request(transaction).input('user_id', sql.BigInt, users[0]?.key ?? null),
        `UPDATE dbo.subscriptions
         SET status = N'cancelled', ended_at = SYSUTCDATETIME(), cancel_reason = N'account deleted', modified_at = SYSUTCDATETIME()
         OUTPUT inserted.subscription_id AS id
         WHERE user_id = @user_id AND status <> N'cancelled'`,
      );
      return [...users, ...subscriptions];
    });
  },
};

/** The account and its subscriptions are gone from the tables: no watermark tells of it. */
export const hardDelete: Change = {
  kind: 'hard-delete',
  weight: 2,
  make({ pool, random, lastUserId }) {
    return inTransaction(pool, async transaction => {
      const { recordset } = await new sql.Request(transaction)
        .input('from', sql.BigInt, random.between(1, lastUserId))
        .query<{ id: string | null }>('SELECT MIN(user_id) AS id FROM dbo.users WHERE user_id >= @from');
      const user = recordset[0]?.id ?? null;
      const request = (): sql.Request => new sql.Request(transaction).input('user_id', sql.BigInt, user);
      return [
        ...(await changedBy(
          'subscriptions',
          request(),
          'DELETE FROM dbo.subscriptions OUTPUT deleted.subscription_id AS id WHERE user_id = @user_id',
        )),
        ...(await changedBy(
          'users',
          request(),
          'DELETE FROM dbo.users OUTPUT deleted.user_id AS id WHERE user_id = @user_id',
        )),
      ];
    });
  },
};
