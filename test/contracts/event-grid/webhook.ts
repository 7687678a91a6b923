/** A subscriber that answers what the test wants and keeps what it got. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GridEvent } from '../../../local/servers/event-grid/grid-event.ts';

export interface Notification {
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly GridEvent[];
}

export interface Webhook {
  readonly url: string;
  readonly got: readonly Notification[];
  /** Resolves once so many notifications have come. */
  received(count: number): Promise<readonly Notification[]>;
  close(): Promise<void>;
}

/** @param answer the status for the notification that has come, or undefined to answer nothing at all */
export async function webhook(
  answer: (notification: Notification, got: readonly Notification[]) => number | undefined = () => 202,
  port = 0,
): Promise<Webhook> {
  const got: Notification[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const notification = { headers: request.headers, events: JSON.parse(body) as GridEvent[] };
    got.push(notification);
    const status = answer(notification, got);
    if (status !== undefined) response.writeHead(status).end('taken');
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?code=x`,
    got,
    async received(count) {
      while (got.length < count) await arrived.promise;
      return got;
    },
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

export function makeEvent(name: string, about: Partial<GridEvent> = {}): GridEvent {
  return {
    id: name,
    topic: '/subscriptions/0/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/drop',
    subject: `/blobServices/default/containers/imdb/blobs/${name}`,
    eventType: 'Microsoft.Storage.BlobCreated',
    eventTime: '2026-01-01T00:00:00.000Z',
    data: { api: 'PutBlob' },
    dataVersion: '',
    metadataVersion: '1',
    ...about,
  };
}
