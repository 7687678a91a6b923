import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import path from 'node:path';
import type { StatementSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { writeBody } from './body.ts';
import { cover, coveredTo, type Range } from './coverage.ts';
import { StorageError } from './errors.ts';
import type { PathKey, RecordStore } from './records.ts';
import type { Entry, Tree } from './tree.ts';

/** The next version of a file, growing out of sight until a flush makes it the file. */
interface Stage {
  readonly file: string;
  /** Length of the file that the stage was begun on; its bytes are the first of the stage. */
  base: number;
  /** What was received beyond `base`. */
  covered: Range[];
  /** Appends running. */
  writers: number;
  readonly ready: Promise<unknown>;
}

/** For writing anywhere in the file; made if missing, never truncated. */
const OPEN_OR_MAKE = fs.constants.O_RDWR | fs.constants.O_CREAT;

interface StageRow {
  readonly file_system: string;
  readonly path: string;
  readonly file: string;
  readonly base: number;
  readonly covered: string;
}

/**
 * Files in the making: one stage per path that was appended to, and nameless scratch files for whatever else is written in full
 * before it shows. An append that was acknowledged outlives a kill: its bytes and its coverage are on disk.
 */
export class Staging {
  readonly #folder: string;
  readonly #stages = new Map<string, Stage>();
  readonly #save: StatementSync;
  readonly #forget: StatementSync;

  /**
   * Opens the staging folder; forgets stages whose file is gone and removes files that belong to no stage.
   * @param tree where an empty file is put back that a kill took in the middle of its flush
   */
  constructor(folder: string, records: RecordStore, tree: Tree) {
    this.#folder = folder;
    fs.mkdirSync(folder, { recursive: true });
    records.database.exec(`CREATE TABLE IF NOT EXISTS stage (
      file_system TEXT NOT NULL, path TEXT NOT NULL, file TEXT NOT NULL, base INTEGER NOT NULL, covered TEXT NOT NULL,
      PRIMARY KEY (file_system, path)) WITHOUT ROWID`);
    this.#save = records.database.prepare('INSERT OR REPLACE INTO stage VALUES (?, ?, ?, ?, ?)');
    this.#forget = records.database.prepare('DELETE FROM stage WHERE file_system = ? AND path = ?');
    this.#restore(records.database.prepare('SELECT * FROM stage').all() as unknown as StageRow[], tree);
    const wanted = new Set([...this.#stages.values()].map(stage => path.basename(stage.file)));
    for (const file of fs.readdirSync(folder)) if (!wanted.has(file)) fs.rmSync(path.join(folder, file));
  }

  /** A path for a new scratch file. Left behind by a kill, it is removed at the next start. */
  scratch(): string {
    return path.join(this.#folder, randomUUID());
  }

  /**
   * Receives bytes for a position at or after the file's end.
   * @throws StorageError InvalidQueryParameterValue for a position inside the file, or when the file was replaced meanwhile
   */
  async append(entry: Entry, position: number, body: Readable, md5?: string): Promise<number> {
    if (position < entry.bytes) {
      throw new StorageError(
        'InvalidQueryParameterValue',
        `position ${position} lies inside the file of ${entry.bytes} bytes.`,
      );
    }
    const stage = this.#stageOf(entry);
    stage.writers += 1;
    let bytes: number;
    try {
      await stage.ready;
      const file = await open(stage.file, OPEN_OR_MAKE);
      try {
        bytes = await writeBody(file, body, position, md5);
      } finally {
        await file.close();
      }
    } finally {
      stage.writers -= 1;
    }
    if (this.#stages.get(name(entry)) !== stage) {
      throw new StorageError(
        'InvalidQueryParameterValue',
        `${name(entry)} was flushed or replaced while position ${position} arrived.`,
      );
    }
    stage.covered = cover(stage.covered, { start: position, end: position + bytes });
    this.#persist(entry, stage);
    return bytes;
  }

  /**
   * Turns what was appended into a finished file of `length` bytes, to be placed; undefined when there is nothing to add.
   * @returns the finished file, and `commit` to be called in the transaction that places it
   * @throws StorageError InvalidFlushPosition when the appends leave a gap before `length` or do not reach it
   */
  finish(entry: Entry, length: number, retain: boolean): { file: string; commit: () => void } | undefined {
    const stage = this.#stages.get(name(entry));
    if (length === entry.bytes) {
      if (!retain) this.drop(entry);
      return undefined;
    }
    const reached = stage?.base === entry.bytes ? coveredTo(stage.covered, stage.base) : entry.bytes;
    if (stage === undefined || length < entry.bytes || reached < length) {
      throw new StorageError(
        'InvalidFlushPosition',
        `Position ${length}, but bytes ${entry.bytes} to ${reached} were appended without a gap.`,
      );
    }
    const hasMore = stage.covered.some(range => range.end > length);
    const keeps = retain && hasMore;
    // A late append (a retry that lost its race) may still write to the stage, so it must not become the file itself; nor may
    // bytes be cut off it that a kill would leave counted as received.
    const file = hasMore || stage.writers > 0 ? this.scratch() : stage.file;
    if (file !== stage.file) fs.copyFileSync(stage.file, file, fs.constants.COPYFILE_FICLONE);
    fs.truncateSync(file, length);
    const commit = () => {
      // Over an existing file, ext4 would first give every block of the new one its place on disk: a quarter of an upload's
      // time. The start puts the empty file back should a kill hit between here and the rename.
      if (entry.bytes === 0) fs.unlinkSync(entry.location);
      if (keeps) {
        stage.base = length;
        this.#persist(entry, stage);
      } else {
        this.#stages.delete(name(entry));
        this.#forget.run(entry.fileSystem, entry.path);
        if (file !== stage.file) fs.rmSync(stage.file);
      }
    };
    return { file, commit };
  }

  /** Forgets what was appended to a path and not flushed. */
  drop(key: PathKey): void {
    const stage = this.#stages.get(name(key));
    if (stage === undefined) return;
    this.#stages.delete(name(key));
    this.#forget.run(key.fileSystem, key.path);
    fs.rmSync(stage.file, { force: true });
  }

  /** Forgets what was appended to any path below a directory. */
  dropBelow({ fileSystem, path: directory }: PathKey): void {
    const prefix = directory === '' ? `${fileSystem}/` : `${fileSystem}/${directory}/`;
    for (const key of this.#stages.keys()) {
      if (key.startsWith(prefix)) this.drop({ fileSystem, path: key.slice(fileSystem.length + 1) });
    }
  }

  #restore(rows: readonly StageRow[], tree: Tree): void {
    for (const { file_system: fileSystem, path: at, file, base, covered } of rows) {
      const key = { fileSystem, path: at };
      const location = path.join(this.#folder, file);
      const target = tree.location(key);
      if (!fs.existsSync(location) || !fs.existsSync(path.dirname(target))) {
        this.#forget.run(fileSystem, at);
        continue;
      }
      if (base === 0 && !fs.existsSync(target)) fs.writeFileSync(target, '');
      const ready = Promise.resolve();
      this.#stages.set(name(key), { file: location, base, covered: JSON.parse(covered), writers: 0, ready });
    }
  }

  #stageOf(entry: Entry): Stage {
    const existing = this.#stages.get(name(entry));
    if (existing?.base === entry.bytes) return existing;
    this.drop(entry);
    const file = this.scratch();
    const ready = entry.bytes === 0 ? Promise.resolve() : copyFile(entry.location, file, fs.constants.COPYFILE_FICLONE);
    // Awaited by each append; this keeps a failure from counting as unhandled.
    ready.catch(() => {});
    const stage: Stage = { file, base: entry.bytes, covered: [], writers: 0, ready };
    this.#stages.set(name(entry), stage);
    return stage;
  }

  #persist(key: PathKey, { file, base, covered }: Stage): void {
    this.#save.run(key.fileSystem, key.path, path.basename(file), base, JSON.stringify(covered));
  }
}

function name({ fileSystem, path: at }: PathKey): string {
  return `${fileSystem}/${at}`;
}
