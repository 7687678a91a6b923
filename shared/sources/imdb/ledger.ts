/**
 * What the lake knows of the landing files, in `control/ledger/imdb.json`: which version of which file went into which data set.
 * A run first *reserves* a sequence number per data set (as the watermarks of use case 1 do, docs/decisions/0002): silver takes
 * it as its transaction version, and a run that was overtaken can commit nothing.
 */
import { ledgerPath, type RunStamp } from '../../catalog/lake-paths.ts';
import { ConflictError } from '../../errors.ts';
import { loadDocument, updateDocument } from '../../storage/json-document.ts';
import type { LakeStore } from '../../storage/store.ts';
import type { BronzeCopy } from './bronze-copy.ts';
import type { LandingFile } from './landing.ts';

/** The version of a landing file that was seen last. */
export interface FileRecord {
  readonly etag: string;
  readonly bytes: number;
  /** SHA-256 of its bytes, once they were read. */
  readonly sha256: string | null;
  /** The data sets inside. */
  readonly contains: readonly string[];
  /** What became of each. */
  readonly done: Readonly<Record<string, 'copied' | 'refused'>>;
  /** Why the archive as a whole was refused. */
  readonly refusal?: Refusal;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly runId: string;
}

export interface DataSetRecord {
  /** The last sequence number given out, and to which run. */
  readonly sequence: number;
  readonly reservedBy: string;
  /** What silver was made from; null before the first time. */
  readonly current: Delivery | null;
  /** The latest refusal since then. */
  readonly refusal: Refusal | null;
}

/** One version of a data set, from a landing file through bronze into silver. */
export interface Delivery {
  readonly source: LandingFile;
  readonly entry: string | null;
  readonly bronze: BronzeCopy;
  readonly sequence: number;
  readonly runId: string;
}

export interface ImdbLedger {
  readonly files: Readonly<Record<string, FileRecord>>;
  readonly dataSets: Readonly<Record<string, DataSetRecord>>;
}

const path = ledgerPath('imdb');
const emptyLedger: ImdbLedger = { files: {}, dataSets: {} };

/**
 * Failures that lie in the file: the same bytes will fail again, so incremental runs leave that version alone from then on. Two files
 * that claim one data set are not among them: removing one of them cures the other.
 */
const refusalCodes: ReadonlySet<string> = new Set([
  'bad-archive',
  'bad-crc',
  'bad-header',
  'bomb',
  'empty-file',
  'encrypted',
  'header-only',
  'hostile-name',
  'missing-column',
  'shrunk',
  'truncated',
  'utf-16',
]);

export async function loadLedger(store: LakeStore): Promise<ImdbLedger> {
  return (await loadDocument<ImdbLedger>(store, path))?.value ?? emptyLedger;
}

/** What a plan found in a landing file. */
export interface SeenFile {
  readonly file: LandingFile;
  readonly contains: readonly string[];
  /** True when only the ETag is new: the bytes are those that were read before. */
  readonly sameBytes: boolean;
}

/**
 * Notes the files as they are now and gives the run a sequence number for each data set; the same one when asked again, so that a
 * repeated activity is harmless.
 */
export async function reserve(
  store: LakeStore,
  runId: string,
  seen: readonly SeenFile[],
  dataSets: readonly string[],
): Promise<ImdbLedger> {
  return updateLedger(store, ledger => {
    const files = { ...ledger.files };
    for (const { file, contains, sameBytes } of seen) {
      const known = files[file.path];
      const isKnown = known !== undefined && (known.etag === file.etag || sameBytes);
      const fresh = { sha256: null, done: {} };
      files[file.path] = { ...(isKnown ? known : fresh), etag: file.etag, bytes: file.bytes, contains };
    }
    const records = { ...ledger.dataSets };
    for (const name of dataSets) {
      const record = records[name] ?? { sequence: 0, reservedBy: '', current: null, refusal: null };
      if (record.reservedBy === runId) continue;
      records[name] = { ...record, sequence: record.sequence + 1, reservedBy: runId };
    }
    return { files, dataSets: records };
  });
}

/** Which data set of which file version a run is about to speak of. */
export interface Claim {
  readonly run: RunStamp;
  readonly file: LandingFile;
  readonly entry: string | null;
  readonly dataSet: string;
  readonly sequence: number;
}

/**
 * Notes that silver holds a delivery: the last step of its way.
 * @throws ConflictError `overtaken` when a later run has reserved the data set since
 */
export async function commitDelivery(
  store: LakeStore,
  { run, file, entry, dataSet, sequence }: Claim,
  { bronze, sha256 }: { readonly bronze: BronzeCopy; readonly sha256: string },
): Promise<void> {
  await updateLedger(store, ledger => {
    const record = reservedRecord(ledger, run, dataSet, sequence);
    const current = { source: file, entry, bronze, sequence, runId: run.runId };
    return {
      files: withDone(ledger.files, file, dataSet, 'copied', sha256),
      dataSets: { ...ledger.dataSets, [dataSet]: { ...record, current, refusal: null } },
    };
  });
}

/**
 * Notes why a delivery was refused, when the reason lies in the file; silver stays as it is. Returns whether it was noted.
 * @throws ConflictError `overtaken` as above
 */
export async function refuseDelivery(
  store: LakeStore,
  { run, file, dataSet, sequence }: Claim,
  failure: { readonly code: string; readonly message: string },
): Promise<boolean> {
  if (!refusalCodes.has(failure.code)) return false;
  await updateLedger(store, ledger => {
    const record = reservedRecord(ledger, run, dataSet, sequence);
    const refusal = { ...failure, runId: run.runId };
    return {
      files: withDone(ledger.files, file, dataSet, 'refused', null),
      dataSets: { ...ledger.dataSets, [dataSet]: { ...record, refusal } },
    };
  });
  return true;
}

/**
 * Notes why an archive could not even be listed. Returns whether it was noted. Two entries of one archive that claim one data set are a
 * fault of that archive, other than two files that do.
 */
export async function refuseFile(
  store: LakeStore,
  run: RunStamp,
  file: LandingFile,
  failure: { readonly code: string; readonly message: string },
): Promise<boolean> {
  if (!refusalCodes.has(failure.code) && failure.code !== 'two-claims') return false;
  const refusal = { ...failure, runId: run.runId };
  const record: FileRecord = {
    etag: file.etag,
    bytes: file.bytes,
    sha256: null,
    contains: [],
    done: {},
    refusal,
  };
  await updateLedger(store, ledger => ({ ...ledger, files: { ...ledger.files, [file.path]: record } }));
  return true;
}

async function updateLedger(store: LakeStore, change: (ledger: ImdbLedger) => ImdbLedger): Promise<ImdbLedger> {
  return (await updateDocument<ImdbLedger>(store, path, current => change(current ?? emptyLedger))) ?? emptyLedger;
}

function reservedRecord(ledger: ImdbLedger, run: RunStamp, dataSet: string, sequence: number): DataSetRecord {
  const record = ledger.dataSets[dataSet];
  if (record?.sequence === sequence) return record;
  throw new ConflictError(
    `ledger of ${dataSet}: run ${run.runId} holds sequence ${sequence}, but ${record?.sequence ?? 'none'} was given out since; start a new run`,
    { code: 'overtaken' },
  );
}

/** A file that was replaced meanwhile is no longer the one this run speaks of: its record is about the new version. */
function withDone(
  files: ImdbLedger['files'],
  file: LandingFile,
  dataSet: string,
  outcome: 'copied' | 'refused',
  sha256: string | null,
): ImdbLedger['files'] {
  const record = files[file.path];
  if (record === undefined || record.etag !== file.etag) return files;
  const done = { ...record.done, [dataSet]: outcome };
  return { ...files, [file.path]: { ...record, done, sha256: sha256 ?? record.sha256 } };
}
