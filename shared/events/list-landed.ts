/** The event "a movie list is in bronze". Its data, published: docs/events/tmdb-list-landed.v1.schema.json. */
import * as z from 'zod';
import { bronzeListFolder } from '../catalog/lake-paths.ts';
import type { LandedList } from '../sources/tmdb/landed-list.ts';
import type { LakeEvent } from './lake-event.ts';

export const listLandedType = 'youflix.tmdb.list-landed.v1';
export const lakeSource = '/youflix/lake';

/** Version 1. Fields may be added in it: who receives it ignores those he does not know. */
export const listLandedSchema = z
  .looseObject({
    schemaVersion: z.literal(1),
    list: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/)
      .describe('Name of the list in the lake.'),
    date: z.iso.date().describe("Day of the run's start, UTC."),
    path: z.string().describe('Folder in bronze with the pages and their manifest.json.'),
    pages: z.int().positive(),
    rows: z.int().nonnegative().describe('Distinct movies on the pages that fit.'),
    runId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
    contentHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 over the bytes of all pages in order.'),
    landedAt: z.iso.datetime().describe('When the last page was safe, UTC.'),
  })
  // A receiver reads this folder: it must not be led to another.
  .refine(isItsOwnFolder, { path: ['path'], error: 'expected the folder of that list, date and run' })
  .meta({ title: listLandedType, description: 'Data of the event: a movie list of TMDB is in bronze.' });

export type ListLanded = z.infer<typeof listLandedSchema>;
export type ListLandedEvent = LakeEvent<ListLanded>;

/** The event of a landing: the same one for the same landing. */
export function listLandedEvent({
  list,
  date,
  folder,
  pages,
  rows,
  runId,
  contentHash,
  landedAt,
}: LandedList): ListLandedEvent {
  return {
    specversion: '1.0',
    id: `${runId}.${list}`,
    type: listLandedType,
    source: lakeSource,
    subject: `tmdb/lists/${list}/${date}`,
    time: landedAt,
    datacontenttype: 'application/json',
    data: { schemaVersion: 1, list, date, path: folder, pages, rows, runId, contentHash, landedAt },
  };
}

function isItsOwnFolder({
  path,
  list,
  date,
  runId,
}: {
  path: string;
  list: string;
  date: string;
  runId: string;
}): boolean {
  return path === bronzeListFolder(list, { runId, startedAt: date });
}
