import { app, type EventGridEvent } from '@azure/functions';
import * as df from 'durable-functions';
import { loadLedger } from '../../shared/sources/imdb/ledger.ts';
import { findPipeline } from '../pipelines.ts';
import { startRun } from '../run-starter.ts';
import type { Services } from '../services.ts';

/**
 * A file landed: copies it, with whatever else is new. An event says no more than "look now", so it may come late, twice or never.
 * While a run is under way the event is turned away with an error, and Event Grid brings it again (after 10 s, 30 s, 1 min, …): it
 * is the queue. By then the run has the file, or a new one starts.
 */
export function registerEventGridImdbLanded(services: Services): void {
  app.eventGrid('imdb-landed', {
    extraInputs: [df.input.durableClient()],
    handler: async (event, context) => {
      if (event.eventType !== 'Microsoft.Storage.BlobCreated') {
        context.log(`${event.eventType} of ${event.subject}: the lake only takes what arrives`);
        return;
      }
      const { path, etag } = landedFile(event);
      const known = (await loadLedger(services.store)).files[path];
      const isDone = known?.etag === etag && known.contains.every(name => known.done[name] !== undefined);
      if (isDone) {
        context.log(`${path}: this version is in the ledger already`);
        return;
      }
      const pipeline = findPipeline('imdb');
      if (pipeline === undefined) return;
      const request = { pipeline: 'imdb', mode: 'incremental', tables: pipeline.tables, range: null } as const;
      const runId = await startRun(services, df.getClient(context), request);
      context.log(`${path} landed: started ${runId}`);
    },
  });
}

/** Path in the container and ETag, from `/blobServices/default/containers/NAME/blobs/PATH` and the event's data. */
function landedFile({ subject, data }: EventGridEvent): { readonly path: string; readonly etag: string } {
  const path = /^\/blobServices\/[^/]+\/containers\/[^/]+\/blobs\/(.+)$/s.exec(subject)?.[1] ?? '';
  const etag = data?.['eTag'];
  return { path, etag: typeof etag === 'string' ? etag.replaceAll('"', '') : '' };
}
