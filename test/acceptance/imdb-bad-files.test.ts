/** Use case 2 on bad days: a file that cannot be taken changes nothing, the others of its run are taken, and a mended one is too. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imdbDataSets } from '../../shared/catalog/imdb-data-sets.ts';
import type { RunRecord } from '../../shared/runs/run-record.ts';
import type { ImdbLedger } from '../../shared/sources/imdb/ledger.ts';
import { packed, zipped } from './imdb/archives.ts';
import { type BadFile, badDeliveries, tightLimits } from './imdb/bad-files.ts';
import { generatedDelivery } from './imdb/generated.ts';
import { parquetRows } from './imdb/parquet-rows.ts';
import { type Files, type Holdings, type ImdbLake, raiseImdbLake } from './imdb-lake.ts';
import { hasProcessTree, processTree, residentBytes } from './process-tree.ts';
import { failuresOf, stepOf, tableOf } from './raised-lake.ts';

let lake: ImdbLake;
const dataSets = imdbDataSets.map(({ name }) => name);

beforeAll(async () => {
  const first = await generatedDelivery(0);
  lake = await raiseImdbLake({ settings: usual => ({ ...usual, ...tightLimits }), files: allPacked(first, '.tsv.gz') });
  await lake.completed({ mode: 'incremental' });
}, 60_000);

afterAll(() => lake?.[Symbol.asyncDispose]());

function allPacked(tsv: Readonly<Record<string, Buffer>>, ending: string): Files {
  return Object.fromEntries(
    Object.entries(tsv).map(([dataSet, content]) => [`${dataSet}${ending}`, packed(`x${ending}`, content)]),
  );
}

async function holdingsOfAll(): Promise<Readonly<Record<string, Holdings>>> {
  return Object.fromEntries(await Promise.all(dataSets.map(async name => [name, await lake.holdings(name)] as const)));
}

/** What a bad delivery did, and what the mended one did after it. */
interface Story {
  readonly before: Readonly<Record<string, Holdings>>;
  readonly bad: RunRecord;
  readonly after: Readonly<Record<string, Holdings>>;
  readonly refused: ImdbLedger;
  readonly again: RunRecord;
  readonly mended: RunRecord;
  readonly ledger: ImdbLedger;
}

function landedName({ dataSet, ending }: BadFile): string {
  return `${dataSet}${ending}`;
}

async function tell(badFiles: readonly BadFile[], tsv: Readonly<Record<string, Buffer>>): Promise<Story> {
  const before = await holdingsOfAll();
  const good = (dataSet: string): Buffer => tsv[dataSet] ?? Buffer.alloc(0);
  for (const file of badFiles) await lake.land({ [landedName(file)]: await file.spoilt(good(file.dataSet)) });
  await lake.land({ 'title.ratings.tsv.gz': packed('.gz', good('title.ratings')) });
  const bad = await lake.run({ mode: 'incremental' });
  const after = await holdingsOfAll();
  const refused = await lake.ledger();
  const again = await lake.run({ mode: 'incremental' });
  for (const file of badFiles) {
    const content = good(file.dataSet);
    const isZip = file.ending === '.zip';
    const entry = `${file.dataSet}.tsv`;
    await lake.land({ [landedName(file)]: isZip ? await zipped({ [entry]: content }) : packed(file.ending, content) });
  }
  const mended = await lake.run({ mode: 'incremental' });
  return { before, bad, after, refused, again, mended, ledger: await lake.ledger() };
}

describe.each(badDeliveries.map((badFiles, index) => ({ badFiles, delivery: index + 1 })))(
  'delivery $delivery',
  ({ badFiles, delivery }) => {
    let story: Story;

    beforeAll(async () => {
      story = await tell(badFiles, await generatedDelivery(delivery));
    }, 90_000);

    test.each(badFiles)('$what', file => {
      const { before, bad, after, refused, mended, ledger } = story;
      const { dataSet, failure } = file;
      const name = landedName(file);
      // An archive that cannot even be listed is no data set yet.
      const isListed = failure.step !== 'plan-imdb-copy';
      expect(failuresOf(bad)[isListed ? dataSet : name]).toEqual({
        ...failure,
        message: expect.stringMatching(failure.message),
      });
      expect(after[dataSet]?.silver).toEqual(before[dataSet]?.silver);
      // A file whose header does not fit is in bronze all the same: there nothing is asked of it.
      const bronze =
        failure.code === 'missing-column' ? expect.objectContaining(before[dataSet]?.bronze) : before[dataSet]?.bronze;
      expect(after[dataSet]?.bronze).toEqual(bronze);
      const refusal = isListed ? refused.dataSets[dataSet]?.refusal : refused.files[name]?.refusal;
      expect(refusal).toMatchObject({ code: failure.code, runId: bad.runId });
      expect(tableOf(mended, dataSet).outcome).toBe('ok');
      expect(ledger.dataSets[dataSet]).toMatchObject({
        current: { runId: mended.runId, source: { path: name } },
        refusal: null,
      });
    });

    test('the others of the run are taken, and the run says that not all were', () => {
      const { bad, ledger } = story;
      expect(bad.status).toBe('Failed');
      expect(Object.keys(failuresOf(bad))).toHaveLength(badFiles.length);
      expect(tableOf(bad, 'title.ratings').outcome).toBe('ok');
      expect(stepOf(bad, 'title_ratings', 'flatten').counts?.['updated']).toBeGreaterThan(0);
      expect(ledger.dataSets['title.ratings']?.current?.runId).toBe(bad.runId);
    });

    test('an incremental run leaves alone what was refused', () => {
      expect(story.again).toMatchObject({ status: 'Completed', tables: [] });
    });
  },
);

test('two new files that claim one data set are both left alone until one is gone', async () => {
  const tsv = (await generatedDelivery(badDeliveries.length + 1))['title.ratings'] ?? Buffer.alloc(0);
  const csv = Buffer.from(tsv.toString().replaceAll('\t', ','));
  await lake.land({ 'copy/title.ratings.csv': csv, 'title.ratings.tsv': tsv });
  const holdings = await lake.holdings('title.ratings');
  const record = await lake.run({ mode: 'incremental' });
  expect(failuresOf(record)).toEqual({
    'title.ratings': {
      step: 'plan-imdb-copy',
      code: 'two-claims',
      message: expect.stringMatching(/copy\/title\.ratings\.csv and title\.ratings\.tsv both claim to be it/),
    },
  });
  expect(await lake.holdings('title.ratings')).toEqual(holdings);
  await lake.container.deleteBlob('copy/title.ratings.csv');
  expect(tableOf(await lake.completed({ mode: 'incremental' }), 'title.ratings').outcome).toBe('ok');
});

test('a field of 100 MB: bronze has every byte of it in pieces, silver the lines around it, and memory stays bounded', async () => {
  const { 'title.crew': crew = Buffer.alloc(0) } = await generatedDelivery(badDeliveries.length);
  const line = Buffer.concat([Buffer.from('tt9000000\t'), Buffer.alloc(100_000_000, 'x')]);
  await lake.land({ 'title.crew.tsv': Buffer.concat([crew, line, Buffer.from('\n')]) });
  const memory = watchMemory(lake.app.pid);
  const record = await lake.completed({ mode: 'incremental' });

  const { path } = stepOf(record, 'title.crew', 'copy');
  const rows = await parquetRows(join(lake.folder, path));
  const pieces = rows.flatMap(({ _malformed }) => (_malformed === null ? [] : [_malformed as Uint8Array]));
  expect(Buffer.concat(pieces).equals(line)).toBe(true);
  expect(stepOf(record, 'title.crew', 'check').counts).toMatchObject({ quarantined: pieces.length });
  const directors = (await lake.rows('title_directors')).map(({ title_id, person_id }) => `${title_id} ${person_id}`);
  expect(directors.sort()).toEqual(directorsOf(crew).sort());
  const grown = memory.stop();
  if (hasProcessTree) expect(grown).toBeLessThan(450 * 1024 ** 2);
}, 60_000);

/** A title and a person for each director in a title.crew. */
function directorsOf(crew: Buffer): string[] {
  const [, ...lines] = crew.toString().trimEnd().split('\n');
  return lines.flatMap(line => {
    const [title, directors = ''] = line.split('\t');
    return directors === '\\N' ? [] : directors.split(',').map(person => `${title} ${person}`);
  });
}

/** Returns by how many bytes the app's resident memory was ever above what it is now. */
function watchMemory(pid: number): { stop(): number } {
  const before = residentBytes(processTree(pid));
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(processTree(pid)));
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return peak - before;
    },
  };
}
