/** Publishing to an Event Grid custom topic. */
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { RestError } from '@azure/storage-file-datalake';
import { ConfigError, errorMessage, type LakeError, PermanentError, TransientError } from '../errors.ts';
import type { EventPublisher, LakeEvent } from '../events/lake-event.ts';
import { defaultRetryPolicy, type RetryEffects, withRetry } from '../retry.ts';
import { managedIdentity } from './managed-identity.ts';

export interface EventTopic {
  /** `https://TOPIC.REGION-1.eventgrid.azure.net/api/events`; the local cloud has it on http. */
  readonly endpoint: string;
  /** Without it the app's managed identity is used, which needs https and the role "EventGrid Data Sender". */
  readonly key?: string | undefined;
  /** As the topic was made: it takes one of them only. */
  readonly schema: 'cloudevents' | 'eventgrid';
  readonly effects?: Partial<RetryEffects>;
}

/** The version of `data`'s form, for topics of the Event Grid schema; CloudEvents have it in their type. */
const dataVersion = '1';

/** A publisher to one topic. Each event is one request, so that one which the topic will not take harms no other. */
export async function eventPublisher({ endpoint, key, schema, effects }: EventTopic): Promise<EventPublisher> {
  const credential = key === undefined ? await managedIdentity() : new AzureKeyCredential(key);
  // The retries are ours (../retry.ts); two layers would multiply.
  const options = { allowInsecureConnection: endpoint.startsWith('http:'), retryOptions: { maxRetries: 0 } };
  const send =
    schema === 'cloudevents'
      ? sendCloudEvent(new EventGridPublisherClient(endpoint, 'CloudEvent', credential, options))
      : sendGridEvent(new EventGridPublisherClient(endpoint, 'EventGrid', credential, options));

  async function attempt(event: LakeEvent): Promise<void> {
    try {
      await send(event);
    } catch (error) {
      throw publishError(error, `event ${event.id} to ${new URL(endpoint).host}`);
    }
  }
  return { publish: event => withRetry(() => attempt(event), defaultRetryPolicy, effects) };
}

function sendCloudEvent(client: EventGridPublisherClient<'CloudEvent'>) {
  return ({ id, type, source, subject, time, datacontenttype, sentat, data }: LakeEvent): Promise<void> => {
    const extensionAttributes = sentat === undefined ? {} : { sentat };
    return client.send([
      { id, type, source, subject, time: new Date(time), datacontenttype, data, extensionAttributes },
    ]);
  };
}

function sendGridEvent(client: EventGridPublisherClient<'EventGrid'>) {
  return ({ id, type, subject, time, sentat = time, data }: LakeEvent): Promise<void> =>
    client.send([{ id, eventType: type, subject, eventTime: new Date(sentat), dataVersion, data }]);
}

/** By status: "Event Grid data plane REST API", and what the service says of each in "Troubleshoot Event Grid errors". */
function publishError(error: unknown, what: string): LakeError {
  if (!(error instanceof RestError) || error.statusCode === undefined) {
    return new TransientError(`${what}: no answer (${errorMessage(error)}); is the topic reachable?`, {
      code: 'connection',
      cause: error,
    });
  }
  const { statusCode: status } = error;
  const answer = `${what}: the topic answered ${status}`;
  const details = { code: `event-grid-${status}`, cause: error };
  if (status === 401 || status === 403) {
    return new ConfigError(`${answer}; check EVENT_GRID_KEY, or the identity's role on the topic`, details);
  }
  if (status === 404) return new ConfigError(`${answer}; check EVENT_GRID_ENDPOINT`, details);
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(error.response?.headers.get('retry-after') ?? Number.NaN);
    return new TransientError(answer, { ...details, ...(seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}) });
  }
  return new PermanentError(`${answer}; the topic does not take such an event: compare its schema and limits`, details);
}
