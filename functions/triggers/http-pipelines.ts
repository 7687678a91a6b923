import { app } from '@azure/functions';
import { listRunRecords } from '../../shared/runs/run-records.ts';
import { pipelines } from '../pipelines.ts';
import type { Services } from '../services.ts';
import { answering } from './http-answer.ts';

export function registerHttpPipelines({ store }: Services): void {
  app.http('list-pipelines', {
    route: 'pipelines',
    methods: ['GET'],
    authLevel: 'function',
    handler: (_request, context) =>
      answering(context, async () => {
        const listed = await Promise.all(
          pipelines.map(async pipeline => {
            const [lastRun] = await listRunRecords(store, pipeline.name, 1);
            return {
              name: pipeline.name,
              description: pipeline.description,
              tables: pipeline.tables,
              modes: pipeline.modes,
              schedule: process.env[pipeline.scheduleSetting] ?? null,
              lastRun: lastRun && { runId: lastRun.runId, status: lastRun.status, startedAt: lastRun.startedAt },
            };
          }),
        );
        return { jsonBody: { pipelines: listed } };
      }),
  });
}
