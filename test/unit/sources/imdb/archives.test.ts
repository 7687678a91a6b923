/** Archives that other programs made, and what is told from names alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentHash } from '../../../../shared/sources/imdb/archive/archives.ts';
import { projectRoot } from '../../../source-files.ts';
import { expand, landed, list } from './landed.ts';

const fixtures = join(projectRoot, 'test/fixtures/imdb-archives');
const read = (path: string): Buffer => readFileSync(join(fixtures, path));
const basics = read('title.basics.tsv');
const ratings = read('title.ratings.tsv');

describe('by its name', () => {
  const nothing = Buffer.alloc(0);

  test.each([
    ['title.basics.tsv.gz', 'title.basics', 'tsv'],
    ['title.akas.tsv', 'title.akas', 'tsv'],
    ['title.crew.csv.gz', 'title.crew', 'csv'],
    ['name.basics.csv', 'name.basics', 'csv'],
    ['2026/11/22/title.episode.tsv.gz', 'title.episode', 'tsv'],
    ['Title.Principals.TSV.GZ', 'title.principals', 'tsv'],
  ])('%s is %s, %s', async (path, dataSet, format) => {
    expect(await list(landed(path, nothing))).toEqual([{ name: null, dataSet, format }]);
  });

  test.each([
    'readme.txt',
    'title.basics',
    'title.basics.gz',
    'title.basics.tsv.bz2',
    'title.basics.tsv.gz.part',
    'title.basics-old.tsv.gz',
    'xtitle.basics.tsv',
    'title.basics.tsv/notes',
    'title.basics.tsv.gz ',
    '.tsv',
    'title.unknown.tsv',
  ])('%s is nothing of IMDb', async path => {
    expect(await list(landed(path, nothing))).toEqual([]);
  });
});

test.each(readdirSync(join(fixtures, 'gzip')))('gzip by others: %s', async name => {
  const file = landed('title.basics.tsv.gz', read(join('gzip', name)));
  expect((await expand(file)).equals(basics)).toBe(true);
  expect(file.openReads).toBe(0);
});

describe('zip by others', () => {
  test.each([
    ['info-zip.zip', ''],
    ['info-zip-stored.zip', ''],
    ['info-zip-zip64.zip', ''],
    ['java-data-descriptors.zip', 'imdb/'],
    ['python-streamed.zip', ''],
    ['python-zip64.zip', ''],
  ])('%s', async (name, folder) => {
    const file = landed('imdb.zip', read(join('zip', name)));
    expect(await list(file)).toEqual([
      { name: `${folder}title.basics.tsv`, dataSet: 'title.basics', format: 'tsv' },
      { name: `${folder}title.ratings.tsv`, dataSet: 'title.ratings', format: 'tsv' },
    ]);
    expect((await expand(file, undefined, 'title.basics')).equals(basics)).toBe(true);
    expect((await expand(file, undefined, 'title.ratings')).equals(ratings)).toBe(true);
    expect(file.openReads).toBe(0);
  });

  test('an empty one holds nothing', async () => {
    expect(await list(landed('imdb.zip', read('zip/python-empty.zip')))).toEqual([]);
  });

  test.each([
    ['info-zip-bzip2.zip', 12],
    ['python-lzma.zip', 14],
  ])('%s is listed, but its method is not known', async (name, method) => {
    const file = landed('imdb.zip', read(join('zip', name)));
    expect(await list(file)).toHaveLength(1);
    await expect(expand(file)).rejects.toMatchObject({ kind: 'permanent', code: 'bad-archive' });
    await expect(expand(file)).rejects.toThrow(
      `archive imdb.zip, entry "title.basics.tsv": compression method ${method} is not known here`,
    );
  });

  test('an encrypted one is refused', async () => {
    const file = landed('imdb.zip', read('zip/info-zip-encrypted.zip'));
    await expect(list(file)).rejects.toMatchObject({ kind: 'permanent', code: 'encrypted' });
  });
});

test('plain bytes go through untouched', async () => {
  const odd = Buffer.from([0x1f, 0x8b, 0xff, 0xfe, 0x00, 0x0d, 0x0a]);
  expect(await expand(landed('title.basics.tsv', odd))).toEqual(odd);
});

test('the hash is that of the archive, not of what is in it', async () => {
  const { file, landing } = landed('title.ratings.tsv', Buffer.from('abc'), { chunkBytes: 1 });
  expect(await contentHash(file, landing)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
