/**
 * Which bytes of a file were received. Appends come in any order, overlap, and come twice after a retry; what counts is whether
 * they cover the file without a gap.
 */
export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Adds a range. Takes and gives ranges sorted, without overlap and without neighbours that touch. */
export function cover(ranges: readonly Range[], added: Range): Range[] {
  if (added.start >= added.end) return [...ranges];
  const before = ranges.filter(range => range.end < added.start);
  const after = ranges.filter(range => range.start > added.end);
  const touching = ranges.slice(before.length, ranges.length - after.length);
  const start = Math.min(added.start, ...touching.map(range => range.start));
  const end = Math.max(added.end, ...touching.map(range => range.end));
  return [...before, { start, end }, ...after];
}

/** The end of what is covered without a gap from `start` on; `start` itself where nothing is. */
export function coveredTo(ranges: readonly Range[], start: number): number {
  return ranges.find(range => range.start <= start && start < range.end)?.end ?? start;
}
