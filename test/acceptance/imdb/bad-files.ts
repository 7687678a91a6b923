/** Files that are refused as a whole, each made of a good data set. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../../source-files.ts';
import { zipped } from './archives.ts';

export interface BadFile {
  readonly what: string;
  /** What it would be. */
  readonly dataSet: string;
  /** As it lands, after the name of the data set. */
  readonly ending: string;
  /** The file, from the TSV of a good one. */
  readonly spoilt: (good: Buffer) => Uint8Array | Promise<Uint8Array>;
  readonly failure: { readonly step: string; readonly code: string; readonly message: RegExp };
}

const copying = 'copy-imdb-data-set';
const planning = 'plan-imdb-copy';

/** One per data set, so that a few runs meet all of them. Each leaves title.ratings alone. */
export const badDeliveries: readonly (readonly BadFile[])[] = [
  [
    {
      what: 'a gzip that ends early',
      dataSet: 'title.basics',
      ending: '.tsv.gz',
      spoilt: good => gzipSync(good).subarray(0, -100),
      failure: {
        step: copying,
        code: 'truncated',
        message: /title\.basics\.tsv\.gz, .*: it ends too early, at byte \d+/,
      },
    },
    {
      what: 'a gzip with a wrong CRC',
      dataSet: 'title.akas',
      ending: '.tsv.gz',
      spoilt(good) {
        const archive = gzipSync(good);
        // The CRC-32 and the size are the last eight bytes (RFC 1952, section 2.3).
        archive.writeUInt32LE(4711, archive.length - 8);
        return archive;
      },
      failure: { step: copying, code: 'bad-crc', message: /title\.akas\.tsv\.gz, .*: expected the CRC 00001267, got/ },
    },
    {
      what: 'an empty file',
      dataSet: 'title.crew',
      ending: '.tsv',
      spoilt: () => Buffer.alloc(0),
      failure: { step: copying, code: 'empty-file', message: /title\.crew\.tsv: .* found no byte/ },
    },
    {
      what: 'a header and nothing else',
      dataSet: 'title.episode',
      ending: '.tsv.gz',
      spoilt: good => gzipSync(good.subarray(0, good.indexOf('\n') + 1)),
      failure: {
        step: copying,
        code: 'header-only',
        message: /title\.episode\.tsv\.gz: expected rows after the header/,
      },
    },
    {
      what: 'UTF-16',
      dataSet: 'title.principals',
      ending: '.tsv.gz',
      spoilt: good => gzipSync(Buffer.from(`\ufeff${good}`, 'utf16le')),
      failure: { step: copying, code: 'utf-16', message: /title\.principals\.tsv\.gz: expected UTF-8/ },
    },
    {
      what: 'a header that has one name twice',
      dataSet: 'name.basics',
      ending: '.tsv.gz',
      spoilt: good => gzipSync(withHeader(good, header => header.replace('deathYear', 'birthYear'))),
      failure: { step: copying, code: 'bad-header', message: /name\.basics\.tsv\.gz: header: name 4, "birthYear"/ },
    },
  ],
  [
    {
      what: 'a zip with a password',
      dataSet: 'title.basics',
      ending: '.zip',
      spoilt: () => readFile(join(projectRoot, 'test/fixtures/imdb-archives/zip/info-zip-encrypted.zip')),
      failure: { step: planning, code: 'encrypted', message: /title\.basics\.zip, entry .*: it is encrypted/ },
    },
    {
      what: 'a zip whose entry leads out of its folder',
      dataSet: 'title.akas',
      ending: '.zip',
      spoilt: async good => renamed(await zipped({ 'xx/title.akas.tsv': good }), 'xx/title', '../title'),
      failure: { step: planning, code: 'hostile-name', message: /title\.akas\.zip, entry "\.\.\/title\.akas\.tsv"/ },
    },
    {
      what: 'a header that lacks a column',
      dataSet: 'title.crew',
      ending: '.tsv.gz',
      spoilt: good => gzipSync(withHeader(good, header => header.replace('writers', 'authors'))),
      failure: {
        step: 'flatten-imdb-data-set',
        code: 'missing-column',
        message: /the header lacks writers of title\.crew \(has: tconst, directors, authors\)/,
      },
    },
    {
      what: 'a bomb: a small gzip that goes on and on',
      dataSet: 'title.episode',
      ending: '.tsv.gz',
      spoilt: good => gzipSync(Buffer.concat([good, Buffer.alloc(80 * 1024 ** 2)]), { level: 1 }),
      failure: { step: copying, code: 'bomb', message: /title\.episode\.tsv\.gz: .*over 50 to one: taken for a bomb/ },
    },
    {
      what: 'a bomb: a zip that says it is larger than allowed',
      dataSet: 'title.principals',
      ending: '.zip',
      async spoilt(good) {
        const archive = await zipped({ 'title.principals.tsv': good });
        // The size is 24 bytes into the entry of the central directory (APPNOTE, section 4.3.12).
        archive.writeUInt32LE(1024 ** 3 + 1, archive.indexOf('PK\u0001\u0002') + 24);
        return archive;
      },
      failure: {
        step: copying,
        code: 'bomb',
        message: /expands to 1073741825 bytes or more, expected at most 1073741824/,
      },
    },
    {
      what: 'a zip that is none',
      dataSet: 'name.basics',
      ending: '.zip',
      spoilt: good => good,
      failure: { step: planning, code: 'bad-archive', message: /name\.basics\.zip: not a zip that can be read/ },
    },
  ],
];

/** Under which the bombs above are bombs. */
export const tightLimits = { IMDB_MAX_EXPANSION_RATIO: '50', IMDB_MAX_EXPANDED_GB: '1' };

function withHeader(tsv: Buffer, change: (header: string) => string): Buffer {
  const end = tsv.indexOf('\n');
  return Buffer.concat([Buffer.from(change(tsv.toString('utf8', 0, end))), tsv.subarray(end)]);
}

/** Another name of the same length, wherever the old one stands. */
function renamed(archive: Buffer, from: string, to: string): Buffer {
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}
