/** A landing that is made on its first use, as the lazy store is (shared/storage/lazy-store.ts). */
import type { Landing } from './landing.ts';

export function lazyLanding(make: () => Promise<Landing>): Landing {
  let made: Promise<Landing> | undefined;
  const landing = (): Promise<Landing> => {
    made ??= make().catch((error: unknown) => {
      // What could not be made this time may be the next time.
      made = undefined;
      throw error;
    });
    return made;
  };
  return {
    async *list() {
      yield* (await landing()).list();
    },
    async *read(file, range) {
      yield* (await landing()).read(file, range);
    },
  };
}
