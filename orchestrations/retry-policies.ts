/**
 * Minutes of patience, on top of the seconds that each activity has inside (shared/retry.ts: up to 5 calls in about 3 to 20 s).
 * An activity throws only what time may heal; everything else it returns. So 3 tries here are at most 15 calls of one service.
 */
import { RetryOptions } from 'durable-functions';

export interface RetrySettings {
  /** Wait before the second try; doubles after it. Comes with the run's input, because orchestrators read no settings. */
  readonly firstIntervalMs: number;
}

export function transientRetry(settings: RetrySettings): RetryOptions {
  const options = new RetryOptions(settings.firstIntervalMs, 3);
  options.backoffCoefficient = 2;
  return options;
}
