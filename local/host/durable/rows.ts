import type { SQLInputValue } from 'node:sqlite';
import type { Instance, RuntimeStatus, Task } from './instance.ts';

/** The tables of a durable store; everything structured inside a row is JSON text, times are epoch milliseconds. */
export const schema = `
  CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, input TEXT, status TEXT NOT NULL,
    suspended INTEGER NOT NULL, output TEXT, custom_status TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    parent_execution TEXT, parent_task INTEGER, parent_id TEXT, next_task_id INTEGER NOT NULL, known_actions INTEGER NOT NULL,
    history_length INTEGER NOT NULL, delivered_length INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS history (
    execution_id TEXT NOT NULL, position INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (execution_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tasks (
    execution_id TEXT NOT NULL, task_id INTEGER NOT NULL, instance_id TEXT NOT NULL, work TEXT NOT NULL, due_at INTEGER,
    action_index INTEGER, PRIMARY KEY (execution_id, task_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, message TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_instance ON messages (instance_id, sequence);
`;

/** A row as SQLite gives and takes it, by column. */
export type Row = Record<string, SQLInputValue>;

/** Reads a row of `instances`. */
export function toInstance(row: Row): Instance {
  const text = (name: string): string | null => (row[name] === null ? null : String(row[name]));
  const parentExecution = text('parent_execution');
  return {
    id: String(row['id']),
    executionId: String(row['execution_id']),
    name: String(row['name']),
    version: text('version'),
    input: text('input'),
    status: String(row['status']) as RuntimeStatus,
    suspended: row['suspended'] === 1,
    output: text('output'),
    customStatus: text('custom_status'),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    parent: parentExecution === null ? null : { executionId: parentExecution, taskId: Number(row['parent_task']) },
    parentId: text('parent_id'),
    nextTaskId: Number(row['next_task_id']),
    knownActions: Number(row['known_actions']),
    historyLength: Number(row['history_length']),
    deliveredLength: Number(row['delivered_length']),
  };
}

/** Makes a row of `instances`, its columns in any order. */
export function toRow(instance: Instance): Row {
  return {
    id: instance.id,
    execution_id: instance.executionId,
    name: instance.name,
    version: instance.version,
    input: instance.input,
    status: instance.status,
    suspended: instance.suspended ? 1 : 0,
    output: instance.output,
    custom_status: instance.customStatus,
    created_at: instance.createdAt,
    updated_at: instance.updatedAt,
    parent_execution: instance.parent?.executionId ?? null,
    parent_task: instance.parent?.taskId ?? null,
    parent_id: instance.parentId,
    next_task_id: instance.nextTaskId,
    known_actions: instance.knownActions,
    history_length: instance.historyLength,
    delivered_length: instance.deliveredLength,
  };
}

/** Reads a row of `tasks`. */
export function toTask(row: Row): Task {
  return {
    executionId: String(row['execution_id']),
    taskId: Number(row['task_id']),
    instanceId: String(row['instance_id']),
    work: JSON.parse(String(row['work'])),
    dueAt: row['due_at'] === null ? null : Number(row['due_at']),
    actionIndex: row['action_index'] === null ? null : Number(row['action_index']),
  };
}
