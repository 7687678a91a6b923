/**
 * The words of the Delta log (PROTOCOL.md, "Actions") and how a commit file spells them: one JSON object per line, each with one
 * member that names the action. Pure; no I/O.
 */
import { PermanentError } from '../errors.ts';

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[];
  readonly writerFeatures?: readonly string[];
}

export interface Metadata {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly format: { readonly provider: string; readonly options?: Readonly<Record<string, string>> };
  /** The schema as JSON text; see `schema.ts`. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdTime?: number;
}

export interface AddFile {
  /** Relative to the table, percent-encoded as a URI; `filePath` decodes it. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modificationTime: number;
  readonly dataChange: boolean;
  /** JSON text; see `stats.ts`. */
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RemoveFile {
  readonly path: string;
  /** Milliseconds since 1970; vacuum counts the retention from here. */
  readonly deletionTimestamp?: number;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean;
  readonly partitionValues?: Readonly<Record<string, string | null>>;
  readonly size?: number;
}

/** How far an application has come: version `n` of `appId` is in the table. */
export interface Transaction {
  readonly appId: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly lastUpdated?: number;
}

/** Free text for people; `txnId` is ours, to recognise our own commit when the answer to its write was lost. */
export interface CommitInfo {
  readonly timestamp?: number;
  readonly operation?: string;
  readonly operationParameters?: Readonly<Record<string, unknown>>;
  readonly operationMetrics?: Readonly<Record<string, string>>;
  readonly engineInfo?: string;
  readonly isBlindAppend?: boolean;
  readonly readVersion?: number;
  readonly txnId?: string;
}

/** One line of a commit: exactly one member is there. Actions that later protocols added are read and left alone. */
export interface Action {
  readonly protocol?: Protocol;
  readonly metaData?: Metadata;
  readonly add?: AddFile;
  readonly remove?: RemoveFile;
  readonly txn?: Transaction;
  readonly commitInfo?: CommitInfo;
}

/** The text of a commit file. */
export function formatCommit(actions: readonly Action[]): string {
  return actions.map(action => `${JSON.stringify(action)}\n`).join('');
}

/** The actions of a commit file. @throws PermanentError `torn-commit`, naming `path` and the line, when it is not whole */
export function parseCommit(text: string, path: string): Action[] {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  if (lines.length === 0) throw torn(path, 'the file is empty');
  return lines.map((line, index) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw torn(path, `line ${index + 1} is not JSON`, cause);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw torn(path, `line ${index + 1} is not a JSON object`);
    }
    return value as Action;
  });
}

/** Where the file of an `add` or `remove` lies, relative to the table. @throws PermanentError `absolute-path` */
export function filePath(file: { readonly path: string }): string {
  if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(file.path)) {
    throw new PermanentError(
      `delta file ${file.path}: an absolute path, as shallow clones have; only files inside the table are supported`,
      { code: 'absolute-path' },
    );
  }
  return decodeURIComponent(file.path);
}

function torn(path: string, what: string, cause?: unknown): PermanentError {
  return new PermanentError(
    `delta log ${path}: ${what}; the commit is torn: restore the file from a backup, no version from this one on can be read`,
    { code: 'torn-commit', cause },
  );
}
