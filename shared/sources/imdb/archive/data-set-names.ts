/** Which data set a file or the entry of a zip is, told by its name. */
import { imdbDataSets } from '../../../catalog/imdb-data-sets.ts';
import type { ArchiveEntry } from './archive-entry.ts';

export type Packing = 'plain' | 'gzip';

export interface NamedDataSet extends Pick<ArchiveEntry, 'dataSet' | 'format'> {
  readonly packing: Packing;
}

/**
 * Reads `title.basics.tsv.gz` as `title.basics`, TSV, gzip. Folders in front do not count, nor do capitals: Windows keeps none apart.
 * Undefined where the name is that of no data set.
 */
export function namedDataSet(path: string): NamedDataSet | undefined {
  const match = /^(?<name>.+)\.(?<format>tsv|csv)(?<gzip>\.gz)?$/.exec(baseName(path));
  if (match?.groups === undefined) return undefined;
  const { name, format, gzip } = match.groups;
  const dataSet = imdbDataSets.find(known => known.name === name)?.name;
  if (dataSet === undefined) return undefined;
  return { dataSet, format: format === 'csv' ? 'csv' : 'tsv', packing: gzip === undefined ? 'plain' : 'gzip' };
}

export function isZip(path: string): boolean {
  return baseName(path).endsWith('.zip');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}
