import type { FunctionDefinition } from './functions.ts';
import type { FunctionInvoker } from './invoker.ts';
import type { HostLog } from './log.ts';
import { startTimers } from './timers.ts';

/** What brings work to functions by itself, as timers do; HTTP, Event Grid and durable functions are called from outside. */
export interface Pump {
  /** Begins nothing more; runs that were begun go on. */
  stop(): void | Promise<void>;
}

/** What a pump works with. */
export interface PumpContext {
  readonly invoker: FunctionInvoker;
  /** The app's settings. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: HostLog;
}

/** Starts the pump for all functions of one trigger type; called only when there are any. */
export type StartPump = (functions: readonly FunctionDefinition[], context: PumpContext) => Pump;

/** By lower-case trigger type. A new kind of trigger is one entry here. */
const pumps: Readonly<Record<string, StartPump>> = { timertrigger: startTimers };

const calledFromOutside = new Set(['httptrigger', 'eventgridtrigger', 'activitytrigger', 'orchestrationtrigger']);

/** Starts every pump that the functions need, and warns of functions that nothing will ever call. */
export function startPumps(functions: readonly FunctionDefinition[], context: PumpContext): Pump {
  const byType = Map.groupBy(
    functions.filter(fn => !fn.disabled && !calledFromOutside.has(fn.triggerType)),
    fn => fn.triggerType,
  );
  const started: Pump[] = [];
  for (const [triggerType, own] of byType) {
    const start = pumps[triggerType];
    if (start !== undefined) started.push(start(own, context));
    else for (const fn of own) context.log.warning(unsupported(fn));
  }
  return {
    async stop() {
      await Promise.all(started.map(pump => pump.stop()));
    },
  };
}

function unsupported(fn: FunctionDefinition): string {
  const byHand = `POST /admin/functions/${fn.name} calls it by hand`;
  return `Not supported yet: ${fn.trigger.type} of function ${fn.name} is not pumped; ${byHand}.`;
}
