/** The tables of the YouFlix platform database that the lake carries. Adding one is adding an entry. */
import type { SourceColumn, SourceTable } from './types.ts';

const modifiedAt: SourceColumn = {
  name: 'modified_at',
  type: 'datetime2(7)',
  nullable: false,
  description: 'Last change of the row, UTC; the watermark.',
};

const isDeleted: SourceColumn = {
  name: 'is_deleted',
  type: 'bit',
  nullable: false,
  description: 'True once the platform has soft-deleted the row.',
};

export const youflixTables: readonly SourceTable[] = [
  {
    name: 'plans',
    source: { schema: 'dbo', table: 'plans' },
    description: 'One row per subscription plan on offer, now or once.',
    key: ['plan_id'],
    watermark: 'modified_at',
    rowsPerPart: 250_000,
    columns: [
      { name: 'plan_id', type: 'int', nullable: false, description: 'The plan.' },
      { name: 'name', type: 'nvarchar(60)', nullable: false, description: 'Name shown to customers, unique.' },
      { name: 'monthly_price', type: 'decimal(10,2)', nullable: false, description: 'List price per month.' },
      { name: 'currency', type: 'char(3)', nullable: false, description: 'ISO 4217 code of the price.' },
      { name: 'max_screens', type: 'tinyint', nullable: false, description: 'Screens that may play at once.' },
      { name: 'has_ads', type: 'bit', nullable: false, description: 'Whether the plan shows advertisements.' },
      { name: 'description', type: 'nvarchar(max)', nullable: true, description: 'Marketing text.' },
      isDeleted,
      { name: 'created_at', type: 'datetime2(3)', nullable: false, description: 'Creation of the row, UTC.' },
      modifiedAt,
    ],
  },
  {
    name: 'users',
    source: { schema: 'dbo', table: 'users' },
    description: 'One row per account of the platform.',
    key: ['user_id'],
    watermark: 'modified_at',
    rowsPerPart: 250_000,
    columns: [
      { name: 'user_id', type: 'bigint', nullable: false, description: 'The user.' },
      { name: 'external_id', type: 'uniqueidentifier', nullable: false, description: 'Id shown outside the platform.' },
      { name: 'email', type: 'nvarchar(320)', nullable: false, description: 'Sign-in address; personal data.' },
      { name: 'display_name', type: 'nvarchar(200)', nullable: true, description: 'Chosen name; personal data.' },
      { name: 'country', type: 'char(2)', nullable: false, description: 'ISO 3166-1 alpha-2 code.' },
      { name: 'birth_date', type: 'date', nullable: true, description: 'Date of birth; personal data.' },
      {
        name: 'marketing_opt_in',
        type: 'bit',
        nullable: false,
        description: 'Whether the user agreed to be written to.',
      },
      { name: 'bio', type: 'nvarchar(max)', nullable: true, description: 'Free text of the profile page.' },
      isDeleted,
      { name: 'created_at', type: 'datetime2(3)', nullable: false, description: 'Sign-up, UTC.' },
      modifiedAt,
    ],
  },
  {
    name: 'subscriptions',
    source: { schema: 'dbo', table: 'subscriptions' },
    description: 'One row per subscription of a user to a plan, past ones included.',
    key: ['subscription_id'],
    watermark: 'modified_at',
    rowsPerPart: 250_000,
    columns: [
      { name: 'subscription_id', type: 'bigint', nullable: false, description: 'The subscription.' },
      { name: 'user_id', type: 'bigint', nullable: false, description: 'Who subscribed.' },
      { name: 'plan_id', type: 'int', nullable: false, description: 'To which plan.' },
      { name: 'status', type: 'nvarchar(20)', nullable: false, description: 'trial, active, paused or cancelled.' },
      { name: 'price', type: 'decimal(10,2)', nullable: false, description: 'Price per month agreed at the start.' },
      { name: 'started_at', type: 'datetime2(0)', nullable: false, description: 'Start, UTC.' },
      { name: 'ended_at', type: 'datetime2(0)', nullable: true, description: 'End, UTC; NULL while it runs.' },
      { name: 'cancel_reason', type: 'nvarchar(400)', nullable: true, description: 'What the user gave as reason.' },
      isDeleted,
      modifiedAt,
    ],
  },
];
