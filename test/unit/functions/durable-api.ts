/** As much of the durable extension's HTTP API as the SDK's client uses here, over a Map, on a real socket. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OrchestrationRuntimeStatus } from 'durable-functions';

export interface Instance {
  readonly name: string;
  readonly input: unknown;
  readonly status: OrchestrationRuntimeStatus | `${OrchestrationRuntimeStatus}`;
}

export interface DurableApi {
  readonly instances: Map<string, Instance>;
  /** Method and path of every request, in order. */
  readonly requests: string[];
  /** What the host binds to a `durableClient` input. */
  readonly binding: object;
  close(): Promise<void>;
}

export async function startDurableApi(): Promise<DurableApi> {
  const instances = new Map<string, Instance>();
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${pathname}`);
    const [area, first = '', second] = pathname.split('/').slice(1).map(decodeURIComponent);
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (area === 'orchestrators') {
      instances.set(second ?? '', { name: first, input: JSON.parse(body), status: 'Running' });
      return answer(202, { id: second });
    }
    const found = instances.get(first);
    if (!found) return answer(404, {});
    if (second === 'terminate') {
      instances.set(first, { ...found, status: 'Terminated' });
      return answer(202, {});
    }
    const time = '2026-01-31T12:00:00Z';
    answer(200, {
      name: found.name,
      instanceId: first,
      runtimeStatus: found.status,
      input: found.input,
      output: null,
      customStatus: null,
      createdTime: time,
      lastUpdatedTime: time,
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    instances,
    requests,
    binding: {
      taskHubName: 'Hub',
      creationUrls: {},
      managementUrls: { id: 'INSTANCEID' },
      rpcBaseUrl: base,
      baseUrl: base,
      requiredQueryStringParameters: '',
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
