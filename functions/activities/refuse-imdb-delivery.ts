import { refuseDelivery, refuseFile } from '../../shared/sources/imdb/ledger.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerRefuseImdbDelivery({ store }: Services): void {
  registerActivity('refuse-imdb-delivery', async ({ run, refused, code, message }, context) => {
    const { file } = refused;
    const failure = { code, message };
    const noted =
      'entry' in refused
        ? await refuseDelivery(
            store,
            { run, file, entry: refused.entry.name, dataSet: refused.entry.dataSet, sequence: refused.sequence },
            failure,
          )
        : await refuseFile(store, run, file, failure);
    context.warn(`${file.path} ${noted ? 'is refused' : 'failed'}: ${message}`);
    return { noted };
  });
}
