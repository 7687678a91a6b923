import fs from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { StorageError } from './errors.ts';
import { isFileSystemName, joinName, splitName } from './paths.ts';
import type { PathKey, PathRecord, RecordChange, RecordStore } from './records.ts';

/** A file, a directory or (with the empty path) a file system, as it is at one moment. */
export interface Entry extends PathKey {
  /** Where it lies on disk. */
  readonly location: string;
  readonly isDirectory: boolean;
  readonly bytes: number;
  /** Unquoted. Moves with every change, also with one made by hand; stays through a rename. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly record: PathRecord;
}

const UNRECORDED: Omit<PathRecord, 'createdMs'> = { revision: 0, changedMs: 0, metadata: {}, content: {}, access: {} };

/**
 * The directory tree of one account: `ROOT/<file system>/<path>` are plain directories and files.
 *
 * Every visible change is one rename or one removal, made together with its record in a section without `await`: atomic for
 * readers, for other requests and for a kill at any moment.
 */
export class Tree {
  readonly #root: string;
  readonly #trash: string;
  readonly #records: RecordStore;
  readonly #removals = new Set<Promise<void>>();
  #trashed = 0;

  /** @param trash a folder on the same disk for directories on their way out; emptied at start */
  constructor(root: string, trash: string, records: RecordStore) {
    this.#root = root;
    this.#trash = trash;
    this.#records = records;
    fs.rmSync(trash, { recursive: true, force: true });
    fs.mkdirSync(trash, { recursive: true });
  }

  /** Names of the file systems, sorted. Any directory of the root with a possible name is one. */
  fileSystems(): string[] {
    const entries = fs.readdirSync(this.#root, { withFileTypes: true });
    return entries
      .filter(entry => entry.isDirectory() && isFileSystemName(entry.name))
      .map(entry => entry.name)
      .sort();
  }

  /** The entry at a path; undefined where there is none. */
  find({ fileSystem, path: at }: PathKey): Entry | undefined {
    return this.#entry({ fileSystem, path: at }, this.#records.get(fileSystem, at));
  }

  /** @throws StorageError PathNotFound, FilesystemNotFound */
  get(key: PathKey): Entry {
    const entry = this.find(key);
    if (entry !== undefined) return entry;
    this.requireFileSystem(key.fileSystem);
    throw new StorageError('PathNotFound', `Path: ${key.fileSystem}/${key.path}.`);
  }

  /** @throws StorageError FilesystemNotFound */
  requireFileSystem(fileSystem: string): Entry {
    const entry = this.find({ fileSystem, path: '' });
    if (entry === undefined) throw new StorageError('FilesystemNotFound', `File system: ${fileSystem}.`);
    return entry;
  }

  /** The entries directly in a directory, sorted by name, from `from` (inclusive) on. */
  *children({ fileSystem, path: directory }: PathKey, from = ''): Generator<Entry> {
    const names = fs
      .readdirSync(this.location({ fileSystem, path: directory }))
      .filter(name => name >= from)
      .sort();
    const records = this.#records.children(fileSystem, directory);
    for (const name of names) {
      const entry = this.#entry({ fileSystem, path: joinName(directory, name) }, records.get(name));
      // Removed since the folder was read: no longer a child.
      if (entry !== undefined) yield entry;
    }
  }

  isEmpty(directory: Entry): boolean {
    return fs.readdirSync(directory.location).length === 0;
  }

  /** Makes a directory and those above it; on an existing one only the record changes. The empty path is a file system. */
  makeDirectory(key: PathKey, change: RecordChange): Entry {
    return this.#records.transaction(() => {
      if (key.path !== '') this.#makeParents(key);
      fs.mkdirSync(this.location(key), { recursive: true });
      this.#putRecord(key, change, this.#records.get(key.fileSystem, key.path));
      return this.get(key);
    });
  }

  /**
   * Makes a finished file visible at a path by renaming it there, over a file that may be there.
   * @param change merged into the record of the file replaced; pass every field to replace all of it
   * @param alongside more record changes that must come true together with this one
   */
  place(key: PathKey, finishedFile: string, change: RecordChange, alongside: () => void = () => {}): Entry {
    return this.#records.transaction(() => {
      this.#makeParents(key);
      this.#putRecord(key, change, this.#records.get(key.fileSystem, key.path));
      alongside();
      fs.renameSync(finishedFile, this.location(key));
      return this.get(key);
    });
  }

  /** Changes the record of an entry; ETag and Last-Modified move. */
  update(entry: Entry, change: RecordChange): Entry {
    this.#putRecord(entry, change, entry.record);
    // Also where the change lets it expire at once: the caller's request still took effect on it.
    return this.#stored(entry, this.#records.get(entry.fileSystem, entry.path)) ?? this.get(entry);
  }

  /** Changes the lease of an entry, which moves neither ETag nor Last-Modified. */
  updateLease(entry: Entry, lease: PathRecord['lease']): void {
    this.#records.put(entry.fileSystem, entry.path, { ...entry.record, lease });
  }

  /**
   * Renames a file or a directory with all below it, over an existing file or an empty directory.
   * The lease stays behind; ETag and times move along.
   */
  move(source: Entry, target: PathKey): Entry {
    return this.#records.transaction(() => {
      const { lease, ...record } = source.record;
      this.#records.move(source, target);
      if (lease !== undefined) this.#records.put(target.fileSystem, target.path, record);
      const to = this.location(target);
      // Not every operating system replaces an empty directory by renaming over it.
      if (source.isDirectory && fs.existsSync(to)) fs.rmdirSync(to);
      fs.renameSync(source.location, to);
      return this.get(target);
    });
  }

  /** Removes a file, a directory or a file system with everything in it. It is gone at once, its disk space a little later. */
  remove(entry: Entry): void {
    this.#records.transaction(() => {
      this.#records.remove(entry.fileSystem, entry.path);
      if (!entry.isDirectory) {
        fs.unlinkSync(entry.location);
        return;
      }
      this.#trashed += 1;
      const trash = path.join(this.#trash, String(this.#trashed));
      fs.renameSync(entry.location, trash);
      const removal = rm(trash, { recursive: true, force: true }).finally(() => this.#removals.delete(removal));
      this.#removals.add(removal);
    });
  }

  /** Resolves once nothing is being removed in the background any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#removals);
  }

  /** Where an entry lies on disk. Safe because `decodePath` let only harmless segments through. */
  location({ fileSystem, path: at }: PathKey): string {
    return path.join(this.#root, fileSystem, at);
  }

  /** @throws StorageError PathConflict when something above the path is a file */
  #makeParents({ fileSystem, path: at }: PathKey): void {
    const [parent] = splitName(at);
    if (parent === '') return;
    const existing = this.find({ fileSystem, path: parent });
    if (existing?.isDirectory === true) return;
    if (existing !== undefined) throw new StorageError('PathConflict', `${fileSystem}/${parent} is a file.`);
    this.#makeParents({ fileSystem, path: parent });
    fs.mkdirSync(this.location({ fileSystem, path: parent }));
    this.#putRecord({ fileSystem, path: parent }, {}, undefined);
  }

  #putRecord({ fileSystem, path: at }: PathKey, change: RecordChange, before: PathRecord | undefined): void {
    const stamp = this.#records.stamp();
    const base = before ?? { ...UNRECORDED, createdMs: stamp.changedMs };
    this.#records.put(fileSystem, at, { ...base, ...change, ...stamp });
  }

  /** As `#stored`; a file whose time is over is removed at the first look. */
  #entry(key: PathKey, record: PathRecord | undefined): Entry | undefined {
    const entry = this.#stored(key, record);
    if (entry === undefined || record?.expiresMs === undefined || record.expiresMs > Date.now()) return entry;
    fs.unlinkSync(entry.location);
    this.#records.remove(key.fileSystem, key.path);
    return undefined;
  }

  #stored(key: PathKey, record: PathRecord | undefined): Entry | undefined {
    const location = this.location(key);
    const stat = fs.statSync(location, { throwIfNoEntry: false });
    if (stat === undefined || !(stat.isFile() || stat.isDirectory())) return undefined;
    const known = record ?? { ...UNRECORDED, createdMs: stat.birthtimeMs };
    const isDirectory = stat.isDirectory();
    // A directory's own mtime moves when children come and go, which is no change of the directory to the service.
    const fileMs = isDirectory && known.revision > 0 ? known.changedMs : stat.mtimeMs;
    return {
      fileSystem: key.fileSystem,
      path: key.path,
      location,
      isDirectory,
      bytes: isDirectory ? 0 : stat.size,
      etag: `0x${Math.round(fileMs * 1000).toString(16)}${known.revision.toString(16)}`
        .toUpperCase()
        .replace('0X', '0x'),
      modifiedMs: Math.max(fileMs, known.changedMs),
      record: known,
    };
  }
}
