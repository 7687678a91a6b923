import { app } from '@azure/functions';
import * as z from 'zod';
import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import type { LakeEvent } from '../../shared/events/lake-event.ts';
import { publishPending, republish } from '../../shared/events/outbox.ts';
import type { Services } from '../services.ts';
import { answering, problems, readJson } from './http-answer.ts';

const day = z.iso.date({ error: 'expected a day, such as 2026-01-31' });

const lists = tmdbLists.map(({ name }) => name);

const bodySchema = z
  .strictObject({
    pipeline: z.literal('tmdb', { error: 'expected tmdb: the pipeline whose events are to be sent again' }),
    lists: z
      .array(z.enum(lists, { error: `expected one of ${lists.join(', ')}` }))
      .min(1, { error: 'name at least one list, or leave it out for all' })
      .optional(),
    from: day.optional(),
    /** Inclusive. */
    to: day.optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    error: 'must not lie after to',
  });

/** Sends events again, under their ids: for a subscriber that was not there, or has lost what it made of them. */
export function registerHttpRepublications({ store, clock, events }: Services): void {
  app.http('republish-events', {
    route: 'events/republications',
    methods: ['POST'],
    authLevel: 'function',
    handler: (request, context) =>
      answering(context, async () => {
        const body = await readJson(request);
        if (body === 'not-json') return problems(400, ['body: expected JSON with the pipeline']);
        const parsed = bodySchema.safeParse(body.value ?? {});
        if (!parsed.success) {
          return problems(
            400,
            parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`),
          );
        }
        const { pipeline } = parsed.data;
        const republished = await republish(store, pipeline, event => isWanted(event, parsed.data));
        const report = await publishPending(store, pipeline, await events(), clock);
        context.log(`republished ${republished.length} events of ${pipeline}`);
        return { jsonBody: { republished, ...report } };
      }),
  });
}

function isWanted({ data }: LakeEvent, { lists: wanted, from, to }: z.infer<typeof bodySchema>): boolean {
  const list = String(data['list']);
  const date = String(data['date']);
  return (
    (wanted?.some(name => name === list) ?? true) &&
    (from === undefined || date >= from) &&
    (to === undefined || date <= to)
  );
}
