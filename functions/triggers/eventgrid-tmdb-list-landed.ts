import { createHash } from 'node:crypto';
import { app } from '@azure/functions';
import type { DurableOrchestrationStatus } from 'durable-functions';
import * as df from 'durable-functions';
import type { TransformRun } from '../../orchestrations/tmdb-transform.ts';
import { BadRecordError } from '../../shared/errors.ts';
import { parseEvent, type SentEvent } from '../../shared/events/parse-event.ts';
import { findOrchestration, isAlive } from '../run-starter.ts';
import type { Services } from '../services.ts';

/** Event Grid tries for a day; an hour more for clocks and queues. */
const maxAgeMs = 25 * 3600_000;
const maxAheadMs = 5 * 60_000;

/**
 * A movie list landed in bronze: transforms it. The same event always starts the same orchestration, so that however often it is
 * delivered, it is done once; a failed one is started again by the next delivery.
 */
export function registerEventGridTmdbListLanded({ retryFirstIntervalMs, clock }: Services): void {
  app.eventGrid('tmdb-list-landed', {
    extraInputs: [df.input.durableClient()],
    handler: async (delivered, context) => {
      let event: SentEvent;
      try {
        event = parseEvent(delivered);
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error;
        // Delivered again it would be no better: acknowledged, and on record in the log.
        context.error(error.message);
        return;
      }
      const ageMs = clock.now() - Date.parse(event.sentat);
      if (ageMs > maxAgeMs || ageMs < -maxAheadMs) {
        context.error(
          `event refused: ${event.id} was sent at ${event.sentat}; a late one is only taken from a republication`,
        );
        return;
      }
      const client = df.getClient(context);
      const instanceId = transformId(event);
      const current = await findOrchestration(client, instanceId);
      if (current !== undefined && hasIt(current, event)) {
        context.log(`${event.id}: ${instanceId} has it already (${current.runtimeStatus})`);
        return;
      }
      const input: TransformRun = {
        request: { pipeline: 'tmdb', mode: 'incremental', tables: [event.data.list], range: null },
        startedAt: new Date(clock.now()).toISOString(),
        retry: { firstIntervalMs: retryFirstIntervalMs },
        landed: event.data,
        sentat: event.sentat,
      };
      await client.startNew('tmdb-transform', { instanceId, input });
      context.log(`${event.id} landed: started ${instanceId}`);
    },
  });
}

/**
 * Under way, or done for an event that was sent then or later; one that was sent again since is to be done again. The times of the
 * orchestration itself are in whole seconds, which is longer than many a transform takes.
 */
function hasIt(orchestration: DurableOrchestrationStatus, { sentat }: SentEvent): boolean {
  if (isAlive(orchestration)) return true;
  const { sentat: doneFor } = orchestration.input as TransformRun;
  return orchestration.runtimeStatus === 'Completed' && Date.parse(doneFor) >= Date.parse(sentat);
}

/** Of the form of a run id of the pipeline, and the same for the same event: time first, so that records sort by it. */
function transformId({ id, source, data: { landedAt } }: SentEvent): string {
  const time = landedAt.replace(/[-:.]/g, '');
  const digest = createHash('sha256').update(`${source}\n${id}`).digest('hex').slice(0, 12);
  return `tmdb-${time}-${digest}`;
}
