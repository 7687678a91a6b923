import { listLandedEvent } from '../../shared/events/list-landed.ts';
import { queueEvent } from '../../shared/events/outbox.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerQueueTmdbEvent({ store }: Services): void {
  registerActivity('queue-tmdb-event', ({ landed }) => queueEvent(store, 'tmdb', listLandedEvent(landed)));
}
