/** Where the durable HTTP API of one host is, as the app and its callers are told. */
export interface DurableAddress {
  /** Public origin, such as `http://localhost:7071`. */
  readonly origin: string;
  /** Origin for the app itself, by number so that no name need be looked up. */
  readonly rpcOrigin: string;
  readonly hubName: string;
  /** The system key `durabletask_extension`. */
  readonly key: string;
}

/** Base of the API as everybody reaches it. */
export const webhookPath = '/runtime/webhooks/durabletask';
/** Base of the same API as the SDK inside the app reaches it; ends in a slash, as the SDK demands. */
export const rpcPath = '/durabletask/';
const placeholder = 'INSTANCEID';

/** The URLs by which one instance is managed: `id` plus every `…Uri` (EXT `HttpApiHandler.cs`). */
export function managementUrls(address: DurableAddress, instanceId: string): Record<string, string> {
  const instance = `${address.origin}${webhookPath}/instances/${encodeURIComponent(instanceId)}`;
  const query = `taskHub=${encodeURIComponent(address.hubName)}&connection=Storage&code=${encodeURIComponent(address.key)}`;
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/** The value of a `durableClient` input binding (EXT `BindingHelper.cs`); the SDK sends its calls to `rpcBaseUrl`. */
export function clientBinding(address: DurableAddress): Record<string, unknown> {
  const base = `${address.origin}${webhookPath}`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  const code = `code=${encodeURIComponent(address.key)}`;
  return {
    taskHubName: address.hubName,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: managementUrls(address, placeholder),
    baseUrl: base,
    requiredQueryStringParameters: code,
    rpcBaseUrl: `${address.rpcOrigin}${rpcPath}`,
  };
}
