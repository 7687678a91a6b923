/** A subscriber that answers what the test wants and keeps what it got. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GridEvent } from '../../../local/servers/event-grid/grid-event.ts';

export interface Notification {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly body: string;
  readonly events: readonly GridEvent[];
  /** Of the other side: another one, another connection. */
  readonly port: number | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Webhook {
  readonly url: string;
  readonly got: readonly Notification[];
  /** Resolves once so many notifications have come. */
  received(count: number): Promise<readonly Notification[]>;
  /** Resolves once a notification has come of which this is so. */
  until(isSo: (got: readonly Notification[]) => boolean): Promise<readonly Notification[]>;
  close(): Promise<void>;
}

/** @param answer the reply, or only its status, for the notification that has come, or undefined to answer nothing at all */
export async function webhook(
  answer: (notification: Notification, got: readonly Notification[]) => Reply | number | undefined = () => 202,
  port = 0,
): Promise<Webhook> {
  const got: Notification[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const { method = '', headers } = request;
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const events = body === '' ? [] : [JSON.parse(body)].flat();
    const notification = { method, headers, body, events, port: request.socket.remotePort };
    got.push(notification);
    const given = answer(notification, got);
    const reply = typeof given === 'number' ? { status: given } : given;
    if (reply !== undefined) response.writeHead(reply.status, reply.headers).end(reply.body ?? 'taken');
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const until = async (isSo: (got: readonly Notification[]) => boolean): Promise<readonly Notification[]> => {
    while (!isSo(got)) await arrived.promise;
    return got;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?code=x`,
    got,
    until,
    received: count => until(({ length }) => length >= count),
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
