import type { FunctionDefinition } from './functions.ts';
import type { FunctionInvoker } from './invoker.ts';
import type { HostLog } from './log.ts';
import type { Pump, PumpContext } from './pumps.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

/** setTimeout fires at once beyond this. */
const longestTimeoutMs = 2 ** 31 - 1;

/** Runs timer functions by their schedules; one never overlaps itself. A run missed while the host was down is not made up for. */
export function startTimers(functions: readonly FunctionDefinition[], context: PumpContext): Pump {
  const timers: Timer[] = [];
  for (const fn of functions) {
    try {
      timers.push(new Timer(fn, readSchedule(fn, context.env), context));
    } catch (error) {
      // As the real host: the others run on without it.
      context.log.error(
        `The '${fn.name}' function is in error: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  for (const timer of timers) timer.start();
  return {
    stop() {
      for (const timer of timers) timer.stop();
    },
  };
}

function readSchedule(fn: FunctionDefinition, env: NodeJS.ProcessEnv): Schedule {
  const text = String(fn.trigger['schedule']);
  const missing = /%([^%]+)%/.exec(text)?.[1];
  if (missing !== undefined) throw new Error(`its schedule is the setting ${missing}, which is not set`);
  return parseSchedule(text, env['WEBSITE_TIME_ZONE']);
}

class Timer {
  readonly #fn: FunctionDefinition;
  readonly #schedule: Schedule;
  readonly #invoker: FunctionInvoker;
  readonly #log: HostLog;
  #last: Date | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(fn: FunctionDefinition, schedule: Schedule, context: PumpContext) {
    this.#fn = fn;
    this.#schedule = schedule;
    this.#invoker = context.invoker;
    this.#log = context.log;
  }

  start(): void {
    const first = this.#next(new Date());
    if (this.#fn.trigger['runOnStartup'] === true) void this.#fire(first);
    else this.#wait(first);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timeout);
  }

  #next(after: Date): Date | undefined {
    const next = this.#schedule(after);
    if (next === undefined) this.#log.warning(`The schedule of ${this.#fn.name} never comes again.`);
    else this.#log.debug(`The next run of ${this.#fn.name} is at ${next.toISOString()}.`);
    return next;
  }

  #wait(due: Date | undefined): void {
    if (this.#stopped || due === undefined) return;
    const left = due.getTime() - Date.now();
    // A timeout may come a little early or be too short for all of the wait: look again.
    if (left > 0) this.#timeout = setTimeout(() => this.#wait(due), Math.min(left, longestTimeoutMs));
    else void this.#fire(this.#next(new Date()));
  }

  async #fire(next: Date | undefined): Promise<void> {
    const now = new Date();
    const status = {
      Last: (this.#last ?? now).toISOString(),
      Next: (next ?? now).toISOString(),
      LastUpdated: now.toISOString(),
    };
    this.#last = now;
    const info = { Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: false };
    try {
      const data = { json: JSON.stringify(info) };
      await this.#invoker.invoke(this.#fn, { data, reason: `Timer fired at ${now.toISOString()}` });
    } catch {
      // The invoker has logged it; the schedule goes on.
    }
    this.#wait(next === undefined || next.getTime() > Date.now() ? next : this.#next(new Date()));
  }
}
