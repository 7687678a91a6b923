import { planCopy } from '../../shared/sources/imdb/plan-copy.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerPlanImdbCopy({ store, imdbLanding }: Services): void {
  registerActivity('plan-imdb-copy', async (request, context) => {
    const plan = await planCopy(request, { store, landing: imdbLanding });
    const copies = plan.copies.map(({ file, entry }) => `${entry.dataSet} from ${file.path}`).join(', ');
    context.log(`plan imdb: ${copies || 'nothing new'}; ${plan.refusals.length} refused`);
    return plan;
  });
}
