import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { TopicEvent } from './topic-event.ts';

/** An event on its way to a subscriber. */
export interface Delivery {
  readonly id: number;
  readonly subscription: string;
  readonly event: TopicEvent;
  readonly publishedMs: number;
  /** Made so far. */
  readonly attempts: number;
  /** Between the attempts since this start, in the service's time. Time in which nothing ran makes no event older. */
  readonly waitedMs: number;
}

interface Row {
  readonly id: number;
  readonly subscription: string;
  readonly event: string;
  readonly published_ms: number;
  readonly attempts: number;
}

/** Deliveries that are still to be made, in one SQLite file: a published event outlives a kill. */
export class DeliveryLog {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;
  readonly #count: StatementSync;
  readonly #remove: StatementSync;

  /** @throws Error when another process has the file open */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'deliveries.sqlite');
    this.#database = new DatabaseSync(file);
    try {
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      this.#database.exec(`CREATE TABLE IF NOT EXISTS delivery (
        id INTEGER PRIMARY KEY, subscription TEXT NOT NULL, event TEXT NOT NULL, published_ms INTEGER NOT NULL,
        attempts INTEGER NOT NULL)`);
    } catch (cause) {
      this.#database.close();
      throw new Error(`event grid: cannot open ${file}: is another copy running on the same folder?`, { cause });
    }
    this.#add = this.#database.prepare('INSERT INTO delivery VALUES (NULL, ?, ?, ?, 0)');
    this.#count = this.#database.prepare('UPDATE delivery SET attempts = ? WHERE id = ?');
    this.#remove = this.#database.prepare('DELETE FROM delivery WHERE id = ?');
  }

  /** Notes deliveries that are to be made: all of them, or none. */
  add(wanted: readonly Pick<Delivery, 'subscription' | 'event'>[]): Delivery[] {
    if (wanted.length === 0) return [];
    const publishedMs = Date.now();
    this.#database.exec('BEGIN');
    try {
      const deliveries = wanted.map(({ subscription, event }) => {
        const { lastInsertRowid } = this.#add.run(subscription, JSON.stringify(event), publishedMs);
        return { id: Number(lastInsertRowid), subscription, event, publishedMs, attempts: 0, waitedMs: 0 };
      });
      this.#database.exec('COMMIT');
      return deliveries;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** In the order in which they were published. */
  all(): Delivery[] {
    const rows = this.#database.prepare('SELECT * FROM delivery ORDER BY id').all() as unknown as Row[];
    return rows.map(({ published_ms: publishedMs, event, ...row }) => ({
      ...row,
      publishedMs,
      waitedMs: 0,
      event: JSON.parse(event) as TopicEvent,
    }));
  }

  /** Notes that another attempt was made; the delivery stays. */
  attempted({ id, attempts }: Delivery): void {
    this.#count.run(attempts, id);
  }

  remove({ id }: Delivery): void {
    this.#remove.run(id);
  }

  close(): void {
    this.#database.close();
  }
}
