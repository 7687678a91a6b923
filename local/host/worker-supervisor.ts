import type { HostLog } from './log.ts';
import { WorkerLostError, type WorkerOptions, WorkerProcess } from './worker-process.ts';

/** So many workers may end one after the other without a single invocation succeeding; then the host gives up. */
const crashLimit = 5;
const stopGraceMs = 5_000;

/** Keeps one worker running: when it ends by itself, another is started. */
export class WorkerSupervisor {
  readonly #options: WorkerOptions;
  readonly #log: HostLog;
  readonly #onGiveUp: (error: Error) => void;
  #current: Promise<WorkerProcess>;
  #pid: number | undefined;
  #crashes = 0;
  #stopping = false;

  private constructor(first: WorkerProcess, options: WorkerOptions, log: HostLog, onGiveUp: (error: Error) => void) {
    this.#options = options;
    this.#log = log;
    this.#onGiveUp = onGiveUp;
    this.#current = Promise.resolve(first);
    this.#watch(first);
  }

  /**
   * Starts the first worker and watches it. `onGiveUp` hears of the end, when restarting has become pointless.
   *
   * @throws Error when the app does not load.
   */
  static async start(
    options: WorkerOptions,
    log: HostLog,
    onGiveUp: (error: Error) => void,
  ): Promise<{ supervisor: WorkerSupervisor; worker: WorkerProcess }> {
    const worker = await WorkerProcess.start(options);
    return { supervisor: new WorkerSupervisor(worker, options, log, onGiveUp), worker };
  }

  /** Process id of the worker of this moment; undefined between two. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Runs `work` on the worker of this moment, waiting for one if it is being restarted. */
  async use<T>(work: (worker: WorkerProcess) => Promise<T>): Promise<T> {
    const result = await work(await this.#current);
    this.#crashes = 0;
    return result;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const worker = await this.#current.catch(() => undefined);
    await worker?.stop(stopGraceMs);
  }

  #watch(worker: WorkerProcess): void {
    this.#pid = worker.pid;
    this.#log.info(`Worker process started and initialized. (pid ${worker.pid})`);
    void worker.exited.then(how => {
      this.#pid = undefined;
      if (this.#stopping) return;
      this.#crashes += 1;
      this.#log.error(`Worker process (pid ${worker.pid}) exited unexpectedly: ${how}.`);
      this.#current = this.#restart();
      this.#current.catch((error: Error) => this.#onGiveUp(error));
    });
  }

  async #restart(): Promise<WorkerProcess> {
    while (this.#crashes < crashLimit) {
      try {
        const worker = await WorkerProcess.start(this.#options);
        if (this.#stopping) await worker.stop(0);
        else this.#watch(worker);
        return worker;
      } catch (error) {
        // An app that refuses to load will do so again; a worker that was killed meanwhile may not be.
        if (!(error instanceof WorkerLostError)) throw error;
        this.#crashes += 1;
      }
    }
    throw new Error(
      `the worker ended ${this.#crashes} times in a row with no invocation succeeding in between: giving up`,
    );
  }
}
