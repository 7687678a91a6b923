import { copyDataSet } from '../../shared/sources/imdb/copy-data-set.ts';
import { hashedLanding } from '../../shared/sources/imdb/hashed-landing.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { inTurn } from './heavy-step.ts';
import { measuredStep } from './step.ts';

export function registerCopyImdbDataSet({ store, clock, imdbLanding, imdbExpansion }: Services): void {
  registerActivity('copy-imdb-data-set', ({ copy: { file, entry, bronzePath } }, context) =>
    inTurn(async () => {
      const landing = hashedLanding(imdbLanding);
      const loadedAt = new Date(clock.now()).toISOString();
      const { result: bronze, step } = await measuredStep(
        'copy',
        entry.dataSet,
        () => copyDataSet({ file, entry, path: bronzePath, limits: imdbExpansion, loadedAt }, { landing, store }),
        ({ lines, bytes, path, malformedLines }) => {
          return { rowsIn: lines, rowsOut: lines, bytes, path, counts: { malformed: malformedLines } };
        },
      );
      context.log(`copy ${entry.dataSet}: ${bronze.lines} lines of ${file.path} to ${bronze.path}`);
      return { bronze, sha256: await landing.hashOf(file), step };
    }),
  );
}
