import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { splitName } from './paths.ts';

/** What a path carries besides its bytes. Paths without a record (files dropped in by hand) have the defaults. */
export interface PathRecord {
  /** Grows with every change in the account, never repeats; a part of the ETag. */
  readonly revision: number;
  readonly changedMs: number;
  readonly createdMs: number;
  /** User metadata, keys in their original case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly content: ContentHeaders;
  readonly access: AccessControl;
  readonly lease?: Lease;
  /** The file was made as an append blob; the number of blocks appended. */
  readonly appendedBlocks?: number;
  /** The blocks a Put Block List made the file of, in order. */
  readonly blocks?: readonly { readonly id: string; readonly bytes: number }[];
  readonly copy?: { readonly id: string; readonly source: string; readonly completedMs: number };
  /** When the file ceases to exist (Set Blob Expiry). */
  readonly expiresMs?: number;
  /** A file system's stored access policies, the XML as it was set. */
  readonly policies?: string;
  /** A file system's level of public access; kept, never granted. */
  readonly publicAccess?: string;
}

/** The content headers kept with a file; all optional. `md5` in base64. */
export interface ContentHeaders {
  readonly type?: string;
  readonly encoding?: string;
  readonly language?: string;
  readonly disposition?: string;
  readonly cacheControl?: string;
  readonly md5?: string;
}

/** POSIX access control, kept and answered but not enforced. `acl` in the short text form of the service. */
export interface AccessControl {
  readonly owner?: string;
  readonly group?: string;
  readonly acl?: string;
}

/** Which path of which file system. */
export interface PathKey {
  readonly fileSystem: string;
  readonly path: string;
}

export interface Lease {
  readonly id: string;
  /** 15 to 60, or -1 for a lease without end. */
  readonly seconds: number;
  /** When it ends by itself or by having been broken; absent for a lease without end. */
  readonly endsMs?: number;
  readonly broken?: boolean;
}

/** What a change of a record may say; revision and time are the store's own business. */
export type RecordChange = Partial<Omit<PathRecord, 'revision' | 'changedMs'>>;

/**
 * The records of one account, in one SQLite database. All of it is synchronous: together with synchronous file operations an
 * effect is one uninterrupted section, so no two requests ever interleave inside it and no locks are needed.
 */
export class RecordStore {
  readonly database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeBelow: StatementSync;
  readonly #removeAll: StatementSync;
  readonly #children: StatementSync;
  readonly #move: StatementSync;
  readonly #moveBelow: StatementSync;
  #revision = 0;

  /**
   * Opens or makes the database, for this process alone.
   * @throws Error when another process has it open
   */
  constructor(file: string) {
    this.database = new DatabaseSync(file);
    try {
      // A kill of this process loses nothing that was committed; only a failing machine could lose the last few commits.
      this.database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      this.database.exec(`CREATE TABLE IF NOT EXISTS record (
        file_system TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (file_system, parent, name)) WITHOUT ROWID`);
    } catch (cause) {
      this.database.close();
      throw new Error(`storage: cannot open ${file}: is another copy running on the same folder?`, { cause });
    }
    const prepare = (sql: string) => this.database.prepare(sql);
    // Below `p`: the parent is `p` or starts with `p/`. The range finds them by index; '0' is the character after '/'.
    const below = `file_system = :fs AND parent >= :path AND parent < :path || '0'
      AND (parent = :path OR substr(parent, 1, length(:path) + 1) = :path || '/')`;
    this.#get = prepare('SELECT body FROM record WHERE file_system = ? AND parent = ? AND name = ?');
    this.#put = prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)');
    this.#remove = prepare('DELETE FROM record WHERE file_system = ? AND parent = ? AND name = ?');
    this.#removeBelow = prepare(`DELETE FROM record WHERE ${below}`);
    this.#removeAll = prepare('DELETE FROM record WHERE file_system = ?');
    this.#children = prepare('SELECT name, body FROM record WHERE file_system = ? AND parent = ?');
    this.#move = prepare(
      'UPDATE record SET file_system = ?, parent = ?, name = ? WHERE file_system = ? AND parent = ? AND name = ?',
    );
    this.#moveBelow = prepare(
      `UPDATE record SET file_system = :toFs, parent = :to || substr(parent, length(:path) + 1) WHERE ${below}`,
    );
  }

  get(fileSystem: string, path: string): PathRecord | undefined {
    const row = this.#get.get(fileSystem, ...splitName(path)) as { body: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.body) as PathRecord);
  }

  /** Records of everything directly in a directory, by name. */
  children(fileSystem: string, directory: string): Map<string, PathRecord> {
    const rows = this.#children.all(fileSystem, directory) as { name: string; body: string }[];
    return new Map(rows.map(({ name, body }) => [name, JSON.parse(body) as PathRecord]));
  }

  /** Writes a record as it is. For a change that others should notice, give it a `stamp` first. */
  put(fileSystem: string, path: string, record: PathRecord): void {
    this.#put.run(fileSystem, ...splitName(path), JSON.stringify(record));
  }

  /** A new revision and the time of now: what makes ETag and Last-Modified move. */
  stamp(): { revision: number; changedMs: number } {
    const changedMs = Date.now();
    this.#revision = Math.max(this.#revision + 1, changedMs * 1000);
    return { revision: this.#revision, changedMs };
  }

  /** Forgets a path and everything below it; the empty path is the whole file system. */
  remove(fileSystem: string, path: string): void {
    if (path === '') {
      this.#removeAll.run(fileSystem);
    } else {
      this.#remove.run(fileSystem, ...splitName(path));
      this.#removeBelow.run({ fs: fileSystem, path });
    }
  }

  /** Moves the records of a path and of everything below it; those of the target are forgotten. */
  move(from: PathKey, to: PathKey): void {
    this.remove(to.fileSystem, to.path);
    this.#move.run(to.fileSystem, ...splitName(to.path), from.fileSystem, ...splitName(from.path));
    this.#moveBelow.run({ fs: from.fileSystem, path: from.path, toFs: to.fileSystem, to: to.path });
  }

  /** Runs an effect so that its records count only if all of it succeeds. */
  transaction<T>(effect: () => T): T {
    this.database.exec('BEGIN');
    try {
      const result = effect();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.database.close();
  }
}
