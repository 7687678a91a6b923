/** The whole way: the vendor's client uploads, the account raises the event, Event Grid brings it, the host calls the function. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EventGrid, startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';
import { type StorageServer, startStorage } from '../../../local/servers/storage/server.ts';
import { type AppHost, startApp, until } from '../host/app-host.ts';

const account = { name: 'drop', key: Buffer.alloc(64, 1).toString('base64'), fileSystems: ['imdb', 'other'] };
let folder: string;
let host: AppHost;
let eventGrid: EventGrid;
let storage: StorageServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'blob-to-function-'));
  host = await startApp('triggers');
  const webhookUrl = `${host.url}/runtime/webhooks/eventgrid?functionName=landed`;
  const subjectBeginsWith = '/blobServices/default/containers/imdb/';
  const subscriptions = [{ name: 'landed', topic: account.name, subjectBeginsWith, webhookUrl }];
  eventGrid = await startEventGrid({ folder: join(folder, 'event-grid'), subscriptions, timeScale: 0.001 });
  storage = await startStorage({ port: 0, root: join(folder, 'drop'), accounts: [account], events: eventGrid.publish });
});
afterEach(async () => {
  await storage.close();
  await eventGrid.close();
  await host.close();
  rmSync(folder, { recursive: true });
});

function container(name: string) {
  const credential = new StorageSharedKeyCredential(account.name, account.key);
  return new BlobServiceClient(`${storage.url}/${account.name}`, credential).getContainerClient(name);
}

test('an upload calls the function with its event, one elsewhere does not', async () => {
  await container('other').getBlockBlobClient('elsewhere').upload('x', 1);
  const { etag } = await container('imdb').getBlockBlobClient('title.ratings.tsv.gz').upload('hello', 5);
  const subject = '/blobServices/default/containers/imdb/blobs/title.ratings.tsv.gz';
  const line = await until('the call', () => host.lines.find(text => text.includes(`landed ${subject} `)));
  const data = JSON.parse(line.slice(line.indexOf('{')));
  expect(data).toMatchObject({ api: 'PutBlob', eTag: etag?.replaceAll('"', ''), contentLength: 5 });
  expect(host.lines.filter(text => /\blanded \//.test(text))).toHaveLength(1);
});
