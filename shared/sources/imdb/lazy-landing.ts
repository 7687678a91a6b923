/** A landing that is made on its first use, as the lazy store is (shared/storage/lazy-store.ts). */
import { once } from '../../once.ts';
import type { Landing } from './landing.ts';

export function lazyLanding(make: () => Promise<Landing>): Landing {
  const landing = once(make);
  return {
    async *list() {
      yield* (await landing()).list();
    },
    async *read(file, range) {
      yield* (await landing()).read(file, range);
    },
  };
}
