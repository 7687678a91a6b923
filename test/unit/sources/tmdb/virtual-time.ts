/** Time that passes only when nobody has anything else to do: hours of waiting in milliseconds of test. */
export interface VirtualTime {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
}

export function virtualTime(): VirtualTime {
  let time = 0;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => time,
    sleep: ms =>
      new Promise(wake => {
        sleepers = [...sleepers, { at: time + ms, wake }].sort((a, b) => a.at - b.at);
      }),
    async run(work) {
      let isDone = false;
      const finish = (): void => {
        isDone = true;
      };
      work.then(finish, finish);
      for (;;) {
        await new Promise(resolve => setImmediate(resolve));
        if (isDone) return work;
        const next = sleepers.shift();
        if (next === undefined) throw new Error(`at ${time} ms everybody waits for something that never comes`);
        time = Math.max(time, next.at);
        next.wake();
      }
    },
  };
}

export interface SkippedTime {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly slept: readonly number[];
}

/** The machine's clock, but nobody waits: who sleeps moves it on. */
export function skippedTime(): SkippedTime {
  const slept: number[] = [];
  let skippedMs = 0;
  return {
    slept,
    now: () => performance.now() + skippedMs,
    async sleep(ms) {
      slept.push(ms);
      skippedMs += ms;
    },
  };
}
