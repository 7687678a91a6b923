import { commitDelivery } from '../../shared/sources/imdb/ledger.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerCommitImdbDelivery({ store }: Services): void {
  registerActivity('commit-imdb-delivery', async ({ run, copy, bronze, sha256 }, context) => {
    const { file, entry, sequence } = copy;
    const claim = { run, file, entry: entry.name, dataSet: entry.dataSet, sequence };
    await commitDelivery(store, claim, { bronze, sha256 });
    context.log(`ledger ${entry.dataSet}: delivery ${sequence} from ${file.path}`);
    return { sequence };
  });
}
