import { outboxFolder } from '../../shared/catalog/lake-paths.ts';
import { publishPending } from '../../shared/events/outbox.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { measuredStep } from './step.ts';

export function registerPublishEvents({ store, clock, events }: Services): void {
  registerActivity('publish-events', async ({ pipeline }, context) => {
    const { result: report, step } = await measuredStep(
      'publish',
      pipeline,
      async () => publishPending(store, pipeline, await events(), clock),
      ({ published, refused }) => ({
        rowsIn: published.length + refused.length,
        rowsOut: published.length,
        bytes: 0,
        path: outboxFolder(pipeline),
      }),
    );
    for (const id of report.published) context.log(`published ${id}`);
    return { report, step };
  });
}
