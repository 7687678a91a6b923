-- The YouFlix platform database: plans, users, subscriptions, and the watermarks of whoever copies from it.
-- Written for Azure SQL Database; safe to run again. The local SQL Server runs this same file.

IF OBJECT_ID(N'dbo.plans', N'U') IS NULL
CREATE TABLE dbo.plans (
  plan_id        int            NOT NULL CONSTRAINT pk_plans PRIMARY KEY,
  name           nvarchar(60)   NOT NULL CONSTRAINT uq_plans_name UNIQUE,
  monthly_price  decimal(10, 2) NOT NULL CONSTRAINT ck_plans_price CHECK (monthly_price >= 0),
  currency       char(3)        NOT NULL,
  max_screens    tinyint        NOT NULL,
  has_ads        bit            NOT NULL CONSTRAINT df_plans_ads DEFAULT (0),
  description    nvarchar(max)  NULL,
  is_deleted     bit            NOT NULL CONSTRAINT df_plans_deleted DEFAULT (0),
  created_at     datetime2(3)   NOT NULL CONSTRAINT df_plans_created DEFAULT (SYSUTCDATETIME()),
  modified_at    datetime2(7)   NOT NULL CONSTRAINT df_plans_modified DEFAULT (SYSUTCDATETIME())
);
GO

IF OBJECT_ID(N'dbo.users', N'U') IS NULL
CREATE TABLE dbo.users (
  user_id           bigint           IDENTITY(1, 1) NOT NULL CONSTRAINT pk_users PRIMARY KEY,
  external_id       uniqueidentifier NOT NULL CONSTRAINT df_users_external DEFAULT (NEWID()),
  email             nvarchar(320)    NOT NULL,
  display_name      nvarchar(200)    NULL,
  country           char(2)          NOT NULL,
  birth_date        date             NULL,
  marketing_opt_in  bit              NOT NULL CONSTRAINT df_users_marketing DEFAULT (0),
  bio               nvarchar(max)    NULL,
  is_deleted        bit              NOT NULL CONSTRAINT df_users_deleted DEFAULT (0),
  created_at        datetime2(3)     NOT NULL CONSTRAINT df_users_created DEFAULT (SYSUTCDATETIME()),
  modified_at       datetime2(7)     NOT NULL CONSTRAINT df_users_modified DEFAULT (SYSUTCDATETIME())
);
GO

IF OBJECT_ID(N'dbo.subscriptions', N'U') IS NULL
CREATE TABLE dbo.subscriptions (
  subscription_id  bigint         IDENTITY(1, 1) NOT NULL CONSTRAINT pk_subscriptions PRIMARY KEY,
  user_id          bigint         NOT NULL CONSTRAINT fk_subscriptions_user REFERENCES dbo.users (user_id),
  plan_id          int            NOT NULL CONSTRAINT fk_subscriptions_plan REFERENCES dbo.plans (plan_id),
  status           nvarchar(20)   NOT NULL CONSTRAINT ck_subscriptions_status
                                  CHECK (status IN (N'trial', N'active', N'paused', N'cancelled')),
  price            decimal(10, 2) NOT NULL,
  started_at       datetime2(0)   NOT NULL,
  ended_at         datetime2(0)   NULL,
  cancel_reason    nvarchar(400)  NULL,
  is_deleted       bit            NOT NULL CONSTRAINT df_subscriptions_deleted DEFAULT (0),
  modified_at      datetime2(7)   NOT NULL CONSTRAINT df_subscriptions_modified DEFAULT (SYSUTCDATETIME())
);
GO

-- The incremental window reads by modified_at: one index each, so that a run that finds little reads little.
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = N'ix_plans_modified' AND object_id = OBJECT_ID(N'dbo.plans'))
  CREATE INDEX ix_plans_modified ON dbo.plans (modified_at);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = N'ix_users_modified' AND object_id = OBJECT_ID(N'dbo.users'))
  CREATE INDEX ix_users_modified ON dbo.users (modified_at);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = N'ix_subscriptions_modified' AND object_id = OBJECT_ID(N'dbo.subscriptions'))
  CREATE INDEX ix_subscriptions_modified ON dbo.subscriptions (modified_at);
GO

-- Watermarks for copiers that keep their state in the database, such as the Synapse pipeline. The Functions app keeps its own
-- in the lake (control/watermarks), where a conditional write guards it.
IF OBJECT_ID(N'dbo.watermarks', N'U') IS NULL
CREATE TABLE dbo.watermarks (
  table_name  nvarchar(128) NOT NULL CONSTRAINT pk_watermarks PRIMARY KEY,
  watermark   datetime2(7)  NOT NULL,
  updated_at  datetime2(3)  NOT NULL CONSTRAINT df_watermarks_updated DEFAULT (SYSUTCDATETIME())
);
GO

-- Moves a watermark forward, never back. Returns 0 when it moved or already stood there, 1 when the given value is older.
CREATE OR ALTER PROCEDURE dbo.usp_move_watermark
  @table_name nvarchar(128),
  @watermark  datetime2(7)
AS
BEGIN
  SET NOCOUNT ON;
  SET XACT_ABORT ON;

  IF @table_name IS NULL OR @watermark IS NULL
    THROW 50001, N'usp_move_watermark: @table_name and @watermark must not be NULL.', 1;

  BEGIN TRANSACTION;

  UPDATE dbo.watermarks
  SET watermark = @watermark, updated_at = SYSUTCDATETIME()
  WHERE table_name = @table_name AND watermark <= @watermark;

  IF @@ROWCOUNT = 0
  BEGIN
    IF EXISTS (SELECT 1 FROM dbo.watermarks WHERE table_name = @table_name)
    BEGIN
      COMMIT TRANSACTION;
      RETURN 1;
    END;

    INSERT INTO dbo.watermarks (table_name, watermark) VALUES (@table_name, @watermark);
  END;

  COMMIT TRANSACTION;
  RETURN 0;
END;
GO
