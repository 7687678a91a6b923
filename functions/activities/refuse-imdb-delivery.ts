import type { RunStamp } from '../../shared/catalog/lake-paths.ts';
import { refuseDelivery, refuseFile } from '../../shared/sources/imdb/ledger.ts';
import type { PlannedCopy, PlannedRefusal } from '../../shared/sources/imdb/plan-copy.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerRefuseImdbDelivery({ store }: Services): void {
  registerActivity('refuse-imdb-delivery', async ({ run, refused, code, message }, context) => {
    const { file } = refused;
    const noted = await note(store, run, refused, { code, message });
    context.warn(`${file.path} ${noted ? 'is refused' : 'failed'}: ${message}`);
    return { noted };
  });
}

function note(
  store: Services['store'],
  run: RunStamp,
  refused: PlannedCopy | PlannedRefusal,
  failure: { readonly code: string; readonly message: string },
): Promise<boolean> {
  const { file } = refused;
  if ('entry' in refused) {
    const { entry, sequence } = refused;
    return refuseDelivery(store, { run, file, entry: entry.name, dataSet: entry.dataSet, sequence }, failure);
  }
  // Of two files that claim a data set each may be right, once the other one is gone.
  return refused.dataSet === null ? refuseFile(store, run, file, failure) : Promise.resolve(false);
}
