/** Decides which files a merge writes anew and where its new rows go. Pure; no I/O. */
import type { AddFile } from './actions.ts';
import { rowCount } from './stats.ts';

/** A file with rows that the merge updates or deletes. */
export interface TouchedFile {
  readonly file: AddFile;
  /** Its number in DuckDB's table of matches. */
  readonly number: number;
  /** Source rows (by `rowid`) that match rows in it lie from here … */
  readonly first: number;
  /** … to here, inclusive. */
  readonly last: number;
}

/** One file to write: what stays of an old file, its updated rows, a run of new rows; each part may be missing. */
export interface WriteUnit {
  readonly replaces?: AddFile;
  readonly touched?: TouchedFile;
  /** Positions among the new rows in key order: `start` inclusive, `end` exclusive. */
  readonly inserts?: { readonly start: number; readonly end: number };
}

/**
 * One unit per touched file, so that each file keeps its range of keys; new rows first top up a file that has room, the rest is cut
 * into even files of about `rowsPerFile`.
 */
export function planWrites(
  active: readonly AddFile[],
  touched: readonly TouchedFile[],
  newRows: number,
  rowsPerFile: number,
): WriteUnit[] {
  const units: WriteUnit[] = touched.map(one => ({ replaces: one.file, touched: one }));
  if (newRows === 0) return units;

  const filler =
    fillerFile(
      touched.map(({ file }) => file),
      rowsPerFile,
    ) ?? fillerFile(active, rowsPerFile);
  const joining = filler === undefined ? 0 : Math.min(newRows, rowsPerFile - (rowCount(filler.stats) ?? rowsPerFile));
  if (filler !== undefined) {
    const inserts = { start: 0, end: joining };
    const index = units.findIndex(({ replaces }) => replaces === filler);
    if (index === -1) units.push({ replaces: filler, inserts });
    else units[index] = { ...units[index], inserts };
  }
  const rest = newRows - joining;
  const newFiles = rest === 0 ? 0 : Math.max(1, Math.round(rest / rowsPerFile));
  for (let index = 0; index < newFiles; index++) {
    const start = joining + Math.floor((rest * index) / newFiles);
    const end = joining + Math.floor((rest * (index + 1)) / newFiles);
    units.push({ inserts: { start, end } });
  }
  return units;
}

/**
 * The fullest file that is less than half full. Without it every small merge would leave one more small file; with it merges leave
 * at most one, at no more than the cost of writing half a file again.
 */
function fillerFile(files: readonly AddFile[], rowsPerFile: number): AddFile | undefined {
  let fullest: AddFile | undefined;
  for (const file of files) {
    const rows = rowCount(file.stats);
    if (rows === undefined || rows >= rowsPerFile / 2) continue;
    if (rows > (rowCount(fullest?.stats) ?? -1)) fullest = file;
  }
  return fullest;
}
