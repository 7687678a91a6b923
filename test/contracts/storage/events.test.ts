import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import type { GridEvent } from '../../../local/servers/event-grid/grid-event.ts';
import { ACCOUNT, failure, type Storage, storage } from './fixture.ts';

/** What accounts tell Event Grid, with the vendors' clients as those who change things. */
let lake: Storage;
const faults = new FaultTable();
/** With each event, whether its file was there when it came. */
const heard: { readonly event: GridEvent; readonly isThere: boolean }[] = [];

beforeAll(async () => {
  lake = await storage({
    faults,
    events: event => heard.push({ event, isThere: existsSync(fileOf(event)) }),
    accounts: [ACCOUNT, { name: 'drop', key: ACCOUNT.key, fileSystems: ['imdb'] }],
  });
});
beforeEach(() => {
  heard.length = 0;
  faults.clear();
});
afterAll(() => lake.close());

function fileOf({ topic, subject }: GridEvent): string {
  const [, container = '', path = ''] = /^\/blobServices\/default\/containers\/(.+?)\/blobs\/(.+)$/.exec(subject) ?? [];
  return join(topic.endsWith('/drop') ? join(lake.root, '../drop') : lake.root, container, path);
}

function blobs(account = 'drop', container = 'imdb') {
  const credential = new StorageSharedKeyCredential(account, ACCOUNT.key);
  const options = { retryOptions: { maxTries: 1 } };
  return new BlobServiceClient(`${lake.url}/${account}`, credential, options).getContainerClient(container);
}

const bronze = () => lake.service.getFileSystemClient('bronze');
const brief = () => heard.map(({ event }) => `${event.data['api']} ${event.subject.split('/blobs/')[1]}`);

describe('Blob', () => {
  test('an upload: the event in the schema of the service, once the blob is there', async () => {
    const blob = blobs().getBlockBlobClient('title basics/é.tsv.gz');
    const { etag, requestId, clientRequestId } = await blob.upload('hello', 5, {
      blobHTTPHeaders: { blobContentType: 'application/gzip' },
    });
    expect(heard).toEqual([{ isThere: true, event: expect.anything() }]);
    expect(heard[0]?.event).toEqual({
      topic:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/drop',
      subject: '/blobServices/default/containers/imdb/blobs/title basics/é.tsv.gz',
      eventType: 'Microsoft.Storage.BlobCreated',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      data: {
        api: 'PutBlob',
        clientRequestId,
        requestId,
        eTag: etag?.replaceAll('"', ''),
        contentType: 'application/gzip',
        contentLength: 5,
        blobType: 'BlockBlob',
        url: `${lake.url}/drop/imdb/title%20basics/%C3%A9.tsv.gz`,
        sequencer: expect.stringMatching(/^[0-9A-F]{32}$/),
        storageDiagnostics: { batchId: expect.any(String) },
      },
      dataVersion: '',
      metadataVersion: '1',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
    });
  });

  test('blocks are told of once they are a blob; copies and removals too', async () => {
    const blob = blobs().getBlockBlobClient('a');
    await blob.stageBlock('AAAA', 'x', 1);
    expect(brief()).toEqual([]);
    await blob.commitBlockList(['AAAA']);
    await (await blobs().getBlobClient('b').beginCopyFromURL(blob.url)).pollUntilDone();
    await blob.delete();
    expect(brief()).toEqual(['PutBlockList a', 'CopyBlob b', 'DeleteBlob a']);
    expect(heard.map(({ isThere }) => isThere)).toEqual([true, true, false]);
    expect(heard.at(-1)?.event).toMatchObject({ eventType: 'Microsoft.Storage.BlobDeleted', dataVersion: '' });
    expect(heard.at(-1)?.event.data).not.toHaveProperty('eTag');
  });

  test('what changes no bytes, and what is refused, raises nothing', async () => {
    const blob = blobs().getBlockBlobClient('quiet');
    await blob.upload('x', 1);
    heard.length = 0;
    await blob.setMetadata({ a: 'b' });
    await blob.setHTTPHeaders({ blobContentType: 'text/plain' });
    await blob.download();
    await failure(blob.upload('y', 1, { conditions: { ifNoneMatch: '*' } }));
    await failure(blobs().getBlobClient('missing').delete());
    faults.add({ service: 'storage', operation: 'PUT *', action: { kind: 'status', status: 503 } });
    await failure(blob.upload('z', 1));
    expect(brief()).toEqual([]);
  });

  test('an answer that is lost takes no event with it', async () => {
    faults.add({ service: 'storage', operation: 'PUT *', phase: 'after', action: { kind: 'reset' } });
    await failure(blobs().getBlockBlobClient('lost').upload('x', 1));
    expect(brief()).toEqual(['PutBlob lost']);
  });

  test('versions of a blob can be put in order', async () => {
    const blob = blobs().getBlockBlobClient('versions');
    for (let version = 0; version < 20; version++) await blob.upload('x'.repeat(version), version);
    const sequence = heard.map(({ event }) => String(event.data['sequencer']));
    expect(new Set(sequence).size).toBe(20);
    expect(sequence).toEqual(sequence.toSorted());
    expect(heard.map(({ event }) => event.data['contentLength'])).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe('Data Lake', () => {
  test('a file is told of when it is made and when it is closed, not in between', async () => {
    const file = bronze().getFileClient('dir/a.csv');
    await file.create();
    await file.append('hello', 0, 5);
    await file.flush(5);
    expect(brief()).toEqual(['CreateFile dir/a.csv']);
    await file.append(' world', 5, 6);
    await file.flush(11, { close: true });
    expect(brief()).toEqual(['CreateFile dir/a.csv', 'FlushWithClose dir/a.csv']);
    expect(heard.at(-1)?.event).toMatchObject({
      eventType: 'Microsoft.Storage.BlobCreated',
      data: { contentLength: 11, contentOffset: 0, blobType: 'BlockBlob', url: `${lake.endpoint}/bronze/dir/a.csv` },
      dataVersion: '2',
    });
  });

  test('renames say from where to where; removals of directories, whether others went with them', async () => {
    await bronze().getDirectoryClient('moving').create();
    await bronze().getFileClient('moving/a').create();
    await bronze().getFileClient('moving/a').move('moving/b');
    await bronze().getDirectoryClient('moving').move('moved');
    await bronze().getFileClient('moved/b').delete();
    await bronze().getDirectoryClient('moved').delete(true);
    expect(heard.map(({ event }) => event.eventType.replace('Microsoft.Storage.', ''))).toEqual([
      ...['DirectoryCreated', 'BlobCreated', 'BlobRenamed', 'DirectoryRenamed', 'BlobDeleted', 'DirectoryDeleted'],
    ]);
    expect(heard[2]?.event).toMatchObject({
      subject: '/blobServices/default/containers/bronze/blobs/moving/b',
      data: {
        api: 'RenameFile',
        sourceUrl: `${lake.endpoint}/bronze/moving/a`,
        destinationUrl: `${lake.endpoint}/bronze/moving/b`,
      },
    });
    expect(heard[5]?.event.data).toMatchObject({ api: 'DeleteDirectory', recursive: 'true' });
  });
});
