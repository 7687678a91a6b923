/** The frame around every activity: transient errors are thrown for the durable retry, all others are returned. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Activities, ActivityName, Outcome } from '../../orchestrations/activities.ts';
import { errorMessage, LakeError, TransientError } from '../../shared/errors.ts';

export type ActivityHandler<Name extends ActivityName> = (
  input: Activities[Name]['input'],
  context: InvocationContext,
) => Promise<Activities[Name]['output']>;

export function registerActivity<Name extends ActivityName>(name: Name, handler: ActivityHandler<Name>): void {
  df.app.activity(name, {
    handler: async (input: Activities[Name]['input'], context: InvocationContext) => {
      try {
        return { outcome: 'ok', value: await handler(input, context) } satisfies Outcome<unknown>;
      } catch (error) {
        if (error instanceof TransientError) throw error;
        // A bug has no code; its stack is for the log, the record gets the message.
        context.error(`${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
        const code = error instanceof LakeError ? (error.code ?? error.kind) : 'unexpected';
        return { outcome: 'failed', code, message: errorMessage(error) } satisfies Outcome<unknown>;
      }
    },
  });
}
