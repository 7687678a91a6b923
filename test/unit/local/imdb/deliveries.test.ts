import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliverFiles, deliverNext, type LocalLanding, seedLanding } from '../../../../local/imdb/deliveries.ts';
import { landingContainer } from '../../../../local/imdb/upload.ts';
import { type StorageServer, startStorage } from '../../../../local/servers/storage/server.ts';
import { landingAccount, landingAddress, portsFrom } from '../../../../local/settings.ts';
import { rowsOf } from './files.ts';

let dataDir: string;
let server: StorageServer | undefined;
let local: LocalLanding;
let events: string[];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'imdb-deliveries-'));
  events = [];
  server = await startStorage({
    port: 0,
    root: join(dataDir, 'landing'),
    accounts: [{ ...landingAccount, fileSystems: [landingAccount.container] }],
    events: ({ subject }) => events.push(subject.split('/blobs/')[1] ?? ''),
  });
  local = { dataDir, landing: landingAddress({ ...portsFrom(0), storage: Number(new URL(server.url).port) }) };
});
afterEach(async () => {
  await server?.close();
  rmSync(dataDir, { recursive: true });
});

const seed = () => seedLanding(local, { scale: 'small', seed: 1 });

async function landed(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of landingContainer(local.landing).listBlobsFlat()) names.push(name);
  return names;
}

test('an empty landing gets the seven data sets, one of them zipped, and no event', async () => {
  expect(await seed()).toMatch(/^IMDb landing, seed 1: 7 files, 5,000 titles, \d\d,\d{3} rows$/);
  const files = ['title.akas', 'title.basics', 'title.crew', 'title.episode', 'title.principals'];
  expect(await landed()).toEqual(['name.basics.tsv.gz', ...files.map(name => `${name}.tsv.gz`), 'title.ratings.zip']);
  expect(events).toEqual([]);
  expect(await seed()).toBe('IMDb landing, as it was: 7 files');
  expect(readdirSync(dataDir).filter(name => name.startsWith('imdb-'))).toEqual(['imdb-generated.json']);
});

test('later deliveries go on from the one before, and are told of', async () => {
  await seed();
  const blob = join(dataDir, 'landing', 'imdb', 'title.basics.tsv.gz');
  let before = new Map(rowsOf(blob).map(row => [row[0], row.join('\t')]));
  for (let delivery = 1; delivery <= 2; delivery++) {
    const changed = await deliverNext(local, { only: ['title.basics', 'title.ratings'], changes: 0.01 });
    expect(Object.keys(changed ?? {})).toEqual(['title.basics', 'title.ratings']);
    const after = new Map(rowsOf(blob).map(row => [row[0], row.join('\t')]));
    const differing = [...after].filter(([id, row]) => before.has(id) && before.get(id) !== row);
    expect(differing).toHaveLength(changed?.['title.basics']?.changed ?? -1);
    expect(differing.length).toBeGreaterThan(20);
    before = after;
  }
  expect(events).toEqual(['title.basics.tsv.gz', 'title.ratings.zip', 'title.basics.tsv.gz', 'title.ratings.zip']);
});

test.each(['up', 'down'])('files from elsewhere take the place of generated ones, with the cloud %s', async state => {
  await seed();
  const folder = join(dataDir, 'downloaded');
  mkdirSync(folder);
  const content = gzipSync('tconst\taverageRating\tnumVotes\n');
  writeFileSync(join(folder, 'title.ratings.tsv.gz'), content);
  if (state === 'down') await server?.close();
  const line = await deliverFiles(local, folder);
  expect(line).toMatch(state === 'up' ? /^uploaded to .*: title\.ratings\.tsv\.gz$/ : /^the cloud is not up/);
  const container = join(dataDir, 'landing', 'imdb');
  expect(readdirSync(container)).toHaveLength(7);
  expect(readFileSync(join(container, 'title.ratings.tsv.gz')).equals(content)).toBe(true);
  expect(events).toEqual(state === 'up' ? ['title.ratings.zip', 'title.ratings.tsv.gz'] : []);
  expect(await deliverNext(local, { only: ['title.ratings'], changes: 0.5 })).toBeUndefined();
  if (state === 'down') server = undefined;
});
