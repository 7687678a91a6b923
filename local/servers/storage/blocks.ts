import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { StatementSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { writeBody } from './body.ts';
import type { PathKey, RecordStore } from './records.ts';

/** A block that was uploaded and is not part of a blob yet. */
export interface Block {
  /** Base64, as the client gave it. */
  readonly id: string;
  readonly bytes: number;
  /** Where its bytes lie. */
  readonly location: string;
}

/** Blocks of Put Block, waiting for their Put Block List. They outlive a kill. */
export class BlockStore {
  readonly #folder: string;
  readonly #save: StatementSync;
  readonly #list: StatementSync;
  readonly #forget: StatementSync;

  /** Opens the folder of blocks and removes files that belong to none. */
  constructor(folder: string, records: RecordStore) {
    this.#folder = folder;
    fs.mkdirSync(folder, { recursive: true });
    const { database } = records;
    database.exec(`CREATE TABLE IF NOT EXISTS block (
      file_system TEXT NOT NULL, path TEXT NOT NULL, id TEXT NOT NULL, bytes INTEGER NOT NULL, file TEXT NOT NULL,
      PRIMARY KEY (file_system, path, id)) WITHOUT ROWID`);
    this.#save = database.prepare('INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?)');
    this.#list = database.prepare('SELECT id, bytes, file FROM block WHERE file_system = ? AND path = ?');
    this.#forget = database.prepare(`DELETE FROM block WHERE file_system = :fs
      AND (path = :path OR :path = '' OR substr(path, 1, length(:path) + 1) = :path || '/') RETURNING file`);
    const known = new Set(
      database
        .prepare('SELECT file FROM block')
        .all()
        .map(row => row['file']),
    );
    for (const file of fs.readdirSync(folder)) if (!known.has(file)) fs.rmSync(path.join(folder, file));
  }

  /**
   * Receives a block; one with the same id is replaced.
   * @throws StorageError Md5Mismatch
   */
  async add(key: PathKey, id: string, body: Readable, md5?: string): Promise<void> {
    const file = randomUUID();
    const location = path.join(this.#folder, file);
    const handle = await open(location, 'wx');
    const bytes = await writeBody(handle, body, 0, md5).finally(() => handle.close());
    const replaced = this.list(key).find(block => block.id === id);
    this.#save.run(key.fileSystem, key.path, id, bytes, file);
    if (replaced !== undefined) fs.rmSync(replaced.location, { force: true });
  }

  /** The blocks that wait at a path. */
  list({ fileSystem, path: at }: PathKey): Block[] {
    const rows = this.#list.all(fileSystem, at) as { id: string; bytes: number; file: string }[];
    return rows.map(({ id, bytes, file }) => ({ id, bytes, location: path.join(this.#folder, file) }));
  }

  /** Forgets the blocks of a path and of everything below it. */
  drop({ fileSystem, path: at }: PathKey): void {
    for (const { file } of this.#forget.all({ fs: fileSystem, path: at })) {
      fs.rmSync(path.join(this.#folder, String(file)), { force: true });
    }
  }
}

/** A piece of a file on disk. */
export interface Piece {
  readonly location: string;
  readonly start: number;
  readonly bytes: number;
}

const COPY_BYTES = 1024 * 1024;

/** Writes pieces one after the other into a new file. */
export async function concatenate(pieces: readonly Piece[], target: string): Promise<void> {
  const output = await open(target, 'wx');
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (const piece of pieces) {
      const input = await open(piece.location, 'r');
      await copyPiece(input, piece, output, buffer).finally(() => input.close());
    }
  } finally {
    await output.close();
  }
}

async function copyPiece(input: FileHandle, { location, start, bytes }: Piece, output: FileHandle, buffer: Buffer) {
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, bytes - done), start + done);
    if (bytesRead === 0) throw new Error(`${location} ended ${bytes - done} bytes early`);
    await output.writeFile(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}
