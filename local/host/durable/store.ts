import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { HistoryEvent } from '../worker/messages.ts';
import type { Instance, Message, QueuedMessage, Task, TaskKey } from './instance.ts';
import { type Row, schema, toInstance, toRow, toTask } from './rows.ts';

/** Which instances to list; times in epoch milliseconds, both ends included. Absent means any. */
export interface InstanceFilter {
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly statuses?: readonly string[];
  readonly idPrefix?: string;
}

/**
 * Orchestrations on disk, in one SQLite file per task hub. Every change of state is one transaction, in write-ahead mode: it
 * survives the kill of the process at any moment (a power cut may take the last moments with it).
 */
export class DurableStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * `folder` is made when it is missing. Pass `:memory:` for a store that forgets.
   *
   * @throws Error when the file cannot be opened, or another host has it open.
   */
  constructor(folder: string, hubName: string) {
    const inMemory = folder === ':memory:';
    if (!inMemory) mkdirSync(folder, { recursive: true });
    this.#database = new DatabaseSync(
      inMemory ? folder : join(folder, `durable-${encodeURIComponent(hubName)}.sqlite`),
    );
    try {
      // Exclusive: two hosts on one store would carry on the same instances twice.
      this.#database.exec('PRAGMA busy_timeout = 500; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;');
      this.#database.exec('PRAGMA synchronous = NORMAL;');
      this.#database.exec(schema);
    } catch (error) {
      this.#database.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `cannot open the durable store in ${folder}: ${reason}; does another host use this data folder?`,
        {
          cause: error,
        },
      );
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** All of `work` happens, or none of it. Must not be nested. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  instance(id: string): Instance | undefined {
    const [row] = this.#all('SELECT * FROM instances WHERE id = ?', id);
    return row && toInstance(row);
  }

  /** Instances in order of id, from after `after` on, `limit` at most. */
  instances(filter: InstanceFilter, limit: number, after = ''): Instance[] {
    const { where, values } = conditions(filter);
    const sql = `SELECT * FROM instances WHERE id > ? ${where} ORDER BY id LIMIT ?`;
    return this.#all(sql, after, ...values, limit).map(toInstance);
  }

  /** Writes the instance, new or changed. */
  putInstance(instance: Instance): void {
    const row = toRow(instance);
    const names = Object.keys(row);
    this.#run(
      `INSERT OR REPLACE INTO instances (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      ...Object.values(row),
    );
  }

  deleteInstance(instance: Instance): void {
    this.clearExecution(instance.executionId);
    this.clearMessages(instance.id);
    this.#run('DELETE FROM instances WHERE id = ?', instance.id);
  }

  /** Forgets history and tasks of an execution: whatever its tasks bring later is void. */
  clearExecution(executionId: string): void {
    this.#run('DELETE FROM history WHERE execution_id = ?', executionId);
    this.clearTasks(executionId);
  }

  clearTasks(executionId: string): void {
    this.#run('DELETE FROM tasks WHERE execution_id = ?', executionId);
  }

  clearMessages(instanceId: string): void {
    this.#run('DELETE FROM messages WHERE instance_id = ?', instanceId);
  }

  /** Events from `position` on. */
  history(executionId: string, position = 0): HistoryEvent[] {
    const sql = 'SELECT event FROM history WHERE execution_id = ? AND position >= ? ORDER BY position';
    return this.#all(sql, executionId, position).map(row => JSON.parse(String(row['event'])));
  }

  /** Adds events, the first of them at `position`. */
  appendHistory(executionId: string, position: number, events: readonly HistoryEvent[]): void {
    for (const [index, event] of events.entries()) {
      this.#run('INSERT INTO history VALUES (?, ?, ?)', executionId, position + index, JSON.stringify(event));
    }
  }

  putTask(task: Task): void {
    const { executionId, taskId, instanceId, work, dueAt, actionIndex } = task;
    const sql = 'INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?)';
    this.#run(sql, executionId, taskId, instanceId, JSON.stringify(work), dueAt, actionIndex);
  }

  task(key: TaskKey): Task | undefined {
    const [row] = this.#all('SELECT * FROM tasks WHERE execution_id = ? AND task_id = ?', key.executionId, key.taskId);
    return row && toTask(row);
  }

  /** Takes the task away; undefined when it is gone already, so that a task ends only once. */
  takeTask(key: TaskKey): Task | undefined {
    const sql = 'DELETE FROM tasks WHERE execution_id = ? AND task_id = ? RETURNING *';
    const [row] = this.#all(sql, key.executionId, key.taskId);
    return row && toTask(row);
  }

  deleteTasksOfActions(executionId: string, actionIndexes: readonly number[]): void {
    for (const index of actionIndexes) {
      this.#run('DELETE FROM tasks WHERE execution_id = ? AND action_index = ?', executionId, index);
    }
  }

  /** Takes every timer that is due at `now`, the earliest first. */
  takeDueTimers(now: number): Task[] {
    const rows = this.#all('DELETE FROM tasks WHERE due_at IS NOT NULL AND due_at <= ? RETURNING *', now);
    return rows.map(toTask).sort((a, b) => Number(a.dueAt) - Number(b.dueAt));
  }

  /** When the next timer is due, or undefined when none waits. */
  nextTimerAt(): number | undefined {
    const [row] = this.#all('SELECT min(due_at) AS due FROM tasks WHERE due_at IS NOT NULL');
    const due = row?.['due'];
    return due === null || due === undefined ? undefined : Number(due);
  }

  /** Tasks that run at once (everything but timers), in the order in which they were made. */
  runnableTasks(): Task[] {
    return this.#all('SELECT * FROM tasks WHERE due_at IS NULL').map(toTask);
  }

  putMessage(instanceId: string, message: Message): void {
    this.#run('INSERT INTO messages (instance_id, message) VALUES (?, ?)', instanceId, JSON.stringify(message));
  }

  messages(instanceId: string): QueuedMessage[] {
    const sql = 'SELECT sequence, message FROM messages WHERE instance_id = ? ORDER BY sequence';
    return this.#all(sql, instanceId).map(row => ({
      sequence: Number(row['sequence']),
      message: JSON.parse(String(row['message'])),
    }));
  }

  deleteMessages(messages: readonly QueuedMessage[]): void {
    for (const { sequence } of messages) this.#run('DELETE FROM messages WHERE sequence = ?', sequence);
  }

  /** Ids of all instances that something waits for. */
  instancesWithMessages(): string[] {
    return this.#all('SELECT DISTINCT instance_id FROM messages').map(row => String(row['instance_id']));
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function conditions(filter: InstanceFilter): { where: string; values: SQLInputValue[] } {
  const parts: [string, SQLInputValue][] = [];
  if (filter.createdFrom !== undefined) parts.push(['created_at >= ?', filter.createdFrom]);
  if (filter.createdTo !== undefined) parts.push(['created_at <= ?', filter.createdTo]);
  if (filter.idPrefix !== undefined) parts.push(['instr(id, ?) = 1', filter.idPrefix]);
  if (filter.statuses !== undefined) {
    parts.push(['status IN (SELECT value FROM json_each(?))', JSON.stringify(filter.statuses)]);
  }
  return { where: parts.map(([sql]) => `AND ${sql}`).join(' '), values: parts.map(([, value]) => value) };
}
