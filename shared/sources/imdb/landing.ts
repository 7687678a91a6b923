/** The port to where IMDb files arrive: a container that others write to and the lake only reads. */

/** One version of a file in the landing container. */
export interface LandingFile {
  /** In the container, such as `title.basics.tsv.gz`. */
  readonly path: string;
  readonly bytes: number;
  /** Opaque, unquoted; changes with every write. */
  readonly etag: string;
  /** ISO 8601, UTC. */
  readonly modifiedAt: string;
}

/** Methods throw `TransientError` when the service stays unreachable or busy after the adapter's own retries. */
export interface Landing {
  list(): AsyncIterable<LandingFile>;

  /**
   * The bytes of this very version: all, or from `start` (inclusive) to `end` (exclusive). A connection that breaks is taken up
   * again where it broke.
   * @throws ConflictError `source-changed` when the file was replaced, also while it is being read
   * @throws PermanentError `source-gone` when it was deleted
   */
  read(file: LandingFile, range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
}
