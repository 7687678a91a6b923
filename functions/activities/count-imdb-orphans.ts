import { silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { countOrphans, type OrphanCount } from '../../shared/silver/flatten/orphans.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { heavyStep } from './heavy-step.ts';
import { measuredStep } from './step.ts';

export function registerCountImdbOrphans(services: Services): void {
  registerActivity('count-imdb-orphans', ({ tables }, context) =>
    heavyStep(services, async engine => {
      const { result, step } = await measuredStep(
        'orphans',
        'imdb',
        () => countOrphans({ tables }, engine),
        found => ({
          rowsIn: 0,
          rowsOut: total(found),
          bytes: 0,
          path: silverTablePath('imdb', '*'),
          counts: counts(found),
        }),
      );
      for (const { table, column, references, orphans, examples } of result)
        if (orphans) context.log(`orphans ${table}.${column}: ${orphans} not in ${references}, such as ${examples}`);
      return { step };
    }),
  );
}

function total(found: readonly OrphanCount[]): number {
  return found.reduce((sum, { orphans }) => sum + (orphans ?? 0), 0);
}

/** By referring column; a reference that could not be checked is left out. */
function counts(found: readonly OrphanCount[]): Record<string, number> {
  return Object.fromEntries(
    found.flatMap(({ table, column, orphans }) => (orphans === null ? [] : [[`${table}.${column}`, orphans]])),
  );
}
