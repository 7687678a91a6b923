import { createHash } from 'node:crypto';
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import type { TransformRun } from '../../orchestrations/tmdb-transform.ts';
import { BadRecordError } from '../../shared/errors.ts';
import type { ListLandedEvent } from '../../shared/events/list-landed.ts';
import { parseEvent } from '../../shared/events/parse-event.ts';
import { findOrchestration } from '../run-starter.ts';
import type { Services } from '../services.ts';

/**
 * A movie list landed in bronze: transforms it. The same event always starts the same orchestration, so that however often it is
 * delivered, it is done once; a failed one is started again by the next delivery.
 */
export function registerEventGridTmdbListLanded({ retryFirstIntervalMs, clock }: Services): void {
  app.eventGrid('tmdb-list-landed', {
    extraInputs: [df.input.durableClient()],
    handler: async (delivered, context) => {
      let event: ListLandedEvent;
      try {
        event = parseEvent(delivered);
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error;
        // Delivered again it would be no better: acknowledged, and on record in the log.
        context.error(error.message);
        return;
      }
      const client = df.getClient(context);
      const instanceId = transformId(event);
      const current = await findOrchestration(client, instanceId);
      if (current !== undefined && current.runtimeStatus !== 'Failed') {
        context.log(`${event.id}: ${instanceId} has it already (${current.runtimeStatus})`);
        return;
      }
      const input: TransformRun = {
        request: { pipeline: 'tmdb', mode: 'incremental', tables: [event.data.list], range: null },
        startedAt: new Date(clock.now()).toISOString(),
        retry: { firstIntervalMs: retryFirstIntervalMs },
        landed: event.data,
      };
      await client.startNew('tmdb-transform', { instanceId, input });
      context.log(`${event.id} landed: started ${instanceId}`);
    },
  });
}

/** Of the form of a run id of the pipeline, and the same for the same event: time first, so that records sort by it. */
function transformId({ id, source, data: { landedAt } }: ListLandedEvent): string {
  const time = landedAt.replace(/[-:.]/g, '');
  const digest = createHash('sha256').update(`${source}\n${id}`).digest('hex').slice(0, 12);
  return `tmdb-${time}-${digest}`;
}
