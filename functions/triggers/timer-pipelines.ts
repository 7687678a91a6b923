import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { ConflictError } from '../../shared/errors.ts';
import { pipelines } from '../pipelines.ts';
import { startRun } from '../run-starter.ts';
import type { Services } from '../services.ts';

/** Starts each pipeline on its schedule, incrementally. A run still under way is left alone: its successor comes next time. */
export function registerTimers(services: Services): void {
  for (const pipeline of pipelines) {
    app.timer(`timer-${pipeline.name}`, {
      schedule: `%${pipeline.scheduleSetting}%`,
      extraInputs: [df.input.durableClient()],
      handler: async (_timer, context) => {
        const request = { pipeline: pipeline.name, mode: 'incremental', tables: pipeline.tables, range: null } as const;
        try {
          const runId = await startRun(services, df.getClient(context), request);
          context.log(`started ${runId}`);
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
          context.warn(`not started: ${error.message}`);
        }
      },
    });
  }
}
