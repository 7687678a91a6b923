/** What the pages of a list add up to while it is read, page after page, and moves under our hands. */
import { createHash } from 'node:crypto';
import { bronzePagePath } from '../../catalog/lake-paths.ts';
import type { PermanentError } from '../../errors.ts';
import type { LandedList, RejectedPage } from './landed-list.ts';
import { type PageReading, readPage } from './page-schema.ts';

export type ListSums = Pick<
  LandedList,
  'pages' | 'rows' | 'bytes' | 'contentHash' | 'duplicates' | 'rejected' | 'notes'
>;

/** A page that has no movies, or that the service refused: nothing of the list, if no page with movies comes after it. */
type Blank = { readonly page: number } & ({ readonly bytes: Uint8Array } | { readonly refusal: PermanentError });

export interface ListTally {
  /** Takes a page; the first one first, the others in their order. */
  add(page: number, bytes: Uint8Array): PageReading;
  /** Notes that the service refused a page. */
  refuse(page: number, refusal: PermanentError): void;
  /** A page that was refused although the list is said to reach it; undefined when all refusals lie beyond its end. */
  readonly unexplained: { readonly page: number; readonly refusal: PermanentError } | undefined;
  /** Once, when all pages are in. */
  sums(): ListSums;
}

/** `folder` is where the pages are in bronze. */
export function listTally(folder: string): ListTally {
  const hash = createHash('sha256');
  const movies = new Set<number>();
  const rejected: RejectedPage[] = [];
  const notes: string[] = [];
  const unknownFields = new Set<string>();
  /** What the pages say of the length of the list; in no order of time, as they are asked for side by side. */
  const lengths: number[] = [];
  let blanks: Blank[] = [];
  let pages = 0;
  let bytesInAll = 0;
  let duplicates = 0;

  function count(page: number, bytes: Uint8Array): void {
    hash.update(bytes);
    pages = page;
    bytesInAll += bytes.length;
  }

  /** A page with movies came: what was blank before it is a hole in the list, not its end. */
  function countBlanks(): void {
    for (const blank of blanks) {
      if ('refusal' in blank) throw blank.refusal;
      count(blank.page, blank.bytes);
      notes.push(`page ${blank.page} is empty`);
    }
    blanks = [];
  }

  return {
    add(page, bytes) {
      const reading = readPage(bytes, page);
      if (reading.totalPages !== undefined) lengths.push(reading.totalPages);
      const isBlank = page > 1 && reading.reasons.length === 0 && reading.movieIds.length === 0;
      if (isBlank) {
        blanks.push({ page, bytes });
        return reading;
      }
      countBlanks();
      count(page, bytes);
      const { reasons } = reading;
      if (reasons.length > 0) rejected.push({ page, path: bronzePagePath(folder, page), reasons });
      for (const id of reading.movieIds) {
        if (movies.has(id)) duplicates += 1;
        movies.add(id);
      }
      for (const field of reading.unknownFields) unknownFields.add(field);
      return reading;
    },
    refuse(page, refusal) {
      blanks.push({ page, refusal });
    },
    get unexplained() {
      const shortest = Math.min(...lengths);
      for (const blank of blanks) if ('refusal' in blank && blank.page <= shortest) return blank;
      return undefined;
    },
    sums() {
      return {
        pages,
        rows: movies.size,
        bytes: bytesInAll,
        contentHash: hash.digest('hex'),
        duplicates,
        rejected,
        notes: [...notes, ...lastNotes()],
      };
    },
  };

  function lastNotes(): readonly string[] {
    const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
    const moved = shortest < longest ? [`the list had ${shortest} to ${longest} pages while it was read`] : [];
    const behind = blanks.map(({ page }) => page).join(', ');
    const ended = behind === '' ? [] : [`the list ends with page ${pages}; left out: ${behind}`];
    const isEmpty = movies.size === 0 && rejected.length === 0;
    const fields = [...unknownFields].slice(0, 10).map(field => field.slice(0, 60));
    const news = fields.length > 0 ? [`fields that are new to us: ${fields.join(', ')}`] : [];
    return [...moved, ...ended, ...(isEmpty ? ['the list is empty'] : []), ...news];
  }
}
