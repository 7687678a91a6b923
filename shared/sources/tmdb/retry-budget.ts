import { TransientError } from '../../errors.ts';

/** How many calls a run may repeat in all, so that a service in trouble is not asked ten times for each of hundreds of pages. */
export interface RetryBudget {
  /** Called before a call is repeated because of `error`. @throws TransientError `retry-budget` when nothing is left */
  spend(error: TransientError): void;
}

export function retryBudget(retries: number): RetryBudget {
  let left = retries;
  return {
    spend(error) {
      if (left === 0) {
        throw new TransientError(`${retries} calls were repeated in this run, and again: ${error.message}`, {
          code: 'retry-budget',
          cause: error,
        });
      }
      left -= 1;
    },
  };
}
