/**
 * The port to the lake's storage. A path is `<file system>/<path in it>`, such as `silver/youflix/users/_delta_log/x.json`:
 * forward slashes, no leading slash, no `.` or `..` segment.
 *
 * Every write is atomic: a reader sees the whole old file or the whole new one, never a part.
 * Methods throw `TransientError` when the service stays unreachable or busy after the adapter's own retries.
 */
export interface LakeFile {
  readonly path: string;
  readonly bytes: number;
  /** Opaque, unquoted; changes with every write. */
  readonly etag: string;
  readonly modifiedAtMs: number;
}

export interface Written {
  readonly path: string;
  readonly bytes: number;
  readonly etag: string;
}

export interface WriteCondition {
  /** `absent`: only if no file is there (put-if-absent). An object: only if the file still has this ETag. */
  readonly only?: 'absent' | { readonly etag: string };
}

export interface LakeStore {
  /** Size, ETag and time of a file; undefined where there is none. */
  head(path: string): Promise<LakeFile | undefined>;

  /** The whole file, or its bytes from `start` (inclusive) to `end` (exclusive). @throws PermanentError `not-found` */
  read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array>;

  /** The whole file as chunks, for what should not be held at once. @throws PermanentError `not-found` */
  readStream(path: string): AsyncIterable<Uint8Array>;

  /** All files below a folder at any depth, in path order; nothing where the folder does not exist. */
  list(folder: string): AsyncIterable<LakeFile>;

  /**
   * Writes a file from bytes, text, or a stream of chunks (memory stays bounded by the chunks in flight).
   * Without a condition an existing file is replaced. Safe to repeat: an answer lost after the effect is recognised.
   * @throws ConflictError when the condition does not hold
   */
  write(
    path: string,
    body: Uint8Array | string | AsyncIterable<Uint8Array>,
    condition?: WriteCondition,
  ): Promise<Written>;

  /** Copies a lake file to a local file. @throws PermanentError `not-found` */
  download(path: string, localFile: string): Promise<void>;

  /** Copies a local file into the lake; atomic like `write`. @throws ConflictError when the condition does not hold */
  upload(localFile: string, path: string, condition?: WriteCondition): Promise<Written>;

  /** Removes a file; no error where there is none. */
  delete(path: string): Promise<void>;

  /** Only where files of the lake are files of this machine: where, so that a reader need not copy them first. Do not write there. */
  localPath?(path: string): string;
}
