/** One data set inside a landing file. */
export interface ArchiveEntry {
  /** Name of the entry in a zip; null where the file itself, plain or gzipped, is the data set. */
  readonly name: string | null;
  /** Name in the catalog, such as `title.basics`. */
  readonly dataSet: string;
  readonly format: 'tsv' | 'csv';
}

/** What an archive may expand to before it is taken for a bomb. */
export interface ExpansionLimits {
  /** Expanded bytes of one data set. */
  readonly maxBytes: number;
  /** Expanded bytes per compressed byte, once more than 64 MiB have come out. */
  readonly maxRatio: number;
}
