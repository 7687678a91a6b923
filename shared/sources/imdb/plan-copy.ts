/** Which landing files a run copies: those that are new or changed, one per data set. */
import { bronzeDataSetPath, quarantineDataSetPath, type RunStamp } from '../../catalog/lake-paths.ts';
import { LakeError } from '../../errors.ts';
import type { LakeStore } from '../../storage/store.ts';
import type { ArchiveEntry } from './archive/archive-entry.ts';
import { contentHash, listEntries } from './archive/archives.ts';
import type { Landing, LandingFile } from './landing.ts';
import { type FileRecord, type ImdbLedger, loadLedger, reserve, type SeenFile } from './ledger.ts';

export interface PlannedCopy {
  readonly file: LandingFile;
  readonly entry: ArchiveEntry;
  /** Fence and Delta transaction version of the delivery. */
  readonly sequence: number;
  readonly bronzePath: string;
  readonly quarantinePath: string;
}

/** An archive that could not be listed (`dataSet` null), or a data set that more than one file claims. */
export interface PlannedRefusal {
  readonly file: LandingFile;
  readonly dataSet: string | null;
  readonly code: string;
  readonly message: string;
}

export interface CopyPlan {
  readonly copies: readonly PlannedCopy[];
  readonly refusals: readonly PlannedRefusal[];
  /** Lines about files that were left alone. */
  readonly notes: readonly string[];
}

export interface CopyPlanRequest {
  readonly run: RunStamp;
  /** `full` copies again what the lake has already, and what it refused. */
  readonly mode: 'full' | 'incremental';
  readonly dataSets: readonly string[];
}

/** A file that went or was replaced while it was looked at is no failure: what lies there then is for the next run. */
const movedOn: ReadonlySet<string | undefined> = new Set(['source-changed', 'source-gone']);

interface Candidate {
  readonly file: LandingFile;
  readonly entry: ArchiveEntry;
  /** What became of this very version before. */
  readonly before: 'copied' | 'refused' | undefined;
}

/** Lists the landing container, compares it with the ledger, and reserves what is to be copied. @throws TransientError */
export async function planCopy(
  request: CopyPlanRequest,
  { store, landing }: { readonly store: LakeStore; readonly landing: Landing },
): Promise<CopyPlan> {
  const ledger = await loadLedger(store);
  const seen: SeenFile[] = [];
  const candidates: Candidate[] = [];
  const refusals: PlannedRefusal[] = [];
  const notes: string[] = [];
  for await (const file of landing.list()) {
    try {
      const known = ledger.files[file.path];
      const sameBytes = known !== undefined && (await hasSameBytes(file, known, landing));
      const record = known?.etag === file.etag || sameBytes ? known : undefined;
      if (record?.refusal !== undefined && request.mode === 'incremental') continue;
      // The ledger says what is inside a version that was seen before: no need to open the archive again.
      const isDone = record?.contains.every(name => record.done[name] !== undefined) ?? false;
      if (record !== undefined && isDone && request.mode === 'incremental') {
        seen.push({ file, contains: record.contains, sameBytes });
        continue;
      }
      const entries = await listEntries(file, landing);
      if (entries.length === 0) notes.push(`${file.path}: no IMDb data set; left alone`);
      else seen.push({ file, contains: entries.map(({ dataSet }) => dataSet), sameBytes });
      for (const entry of entries) {
        if (!request.dataSets.includes(entry.dataSet)) continue;
        const outcome = record?.done[entry.dataSet];
        if (outcome !== undefined && isSettled(outcome, file, entry, request.mode, ledger)) continue;
        candidates.push({ file, entry, before: outcome });
      }
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      if (movedOn.has(error.code)) notes.push(error.message);
      else if (error.kind === 'permanent')
        refusals.push({ file, dataSet: null, code: error.code ?? error.kind, message: error.message });
      else throw error;
    }
  }
  const chosen = request.dataSets.flatMap(dataSet => {
    const all = candidates.filter(({ entry }) => entry.dataSet === dataSet);
    const claims = first(
      all.filter(({ before }) => before === undefined),
      all.filter(({ before }) => before === 'copied'),
      all,
    );
    if (claims.length > 1) refusals.push(...claims.map(({ file }) => twoClaims(file, dataSet, claims)));
    return claims.length === 1 ? claims : [];
  });
  const reserved = await reserve(
    store,
    request.run.runId,
    seen,
    chosen.map(({ entry }) => entry.dataSet),
  );
  return { copies: chosen.map(candidate => planned(candidate, request.run, reserved)), refusals, notes };
}

/** What is new goes before what silver has, and that before what was refused. */
function first(...preferences: readonly (readonly Candidate[])[]): readonly Candidate[] {
  return preferences.find(candidates => candidates.length > 0) ?? [];
}

/** A new ETag on as many bytes may be the same file put there again: only reading it tells. */
async function hasSameBytes(file: LandingFile, known: FileRecord, landing: Landing): Promise<boolean> {
  if (known.etag === file.etag || known.bytes !== file.bytes || known.sha256 === null) return false;
  return (await contentHash(file, landing)) === known.sha256;
}

/** Whether a version that was handled before needs nothing more. */
function isSettled(
  outcome: 'copied' | 'refused',
  file: LandingFile,
  { dataSet }: ArchiveEntry,
  mode: CopyPlanRequest['mode'],
  ledger: ImdbLedger,
): boolean {
  if (mode === 'incremental') return true;
  // A full run copies again what silver stands on, not what another file has taken the place of since.
  return outcome === 'copied' && ledger.dataSets[dataSet]?.current?.source.path !== file.path;
}

function twoClaims(file: LandingFile, dataSet: string, claims: readonly Candidate[]): PlannedRefusal {
  const files = claims.map(claim => claim.file.path).join(' and ');
  const message = `${dataSet}: ${files} both claim to be it, and nothing says which is right; remove one of them and run again`;
  return { file, dataSet, code: 'two-claims', message };
}

function planned({ file, entry }: Candidate, run: RunStamp, ledger: ImdbLedger): PlannedCopy {
  const record = ledger.dataSets[entry.dataSet];
  const bronzePath = bronzeDataSetPath(entry.dataSet, run, record?.current?.bronze.path);
  const quarantinePath = quarantineDataSetPath(bronzePath);
  return { file, entry, sequence: record?.sequence ?? 0, bronzePath, quarantinePath };
}
