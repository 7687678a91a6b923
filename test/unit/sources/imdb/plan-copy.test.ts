import { describe, expect, test } from 'vitest';
import { imdbDataSets } from '../../../../shared/catalog/imdb-data-sets.ts';
import { contentHash } from '../../../../shared/sources/imdb/archive/archives.ts';
import { commitDelivery, loadLedger, refuseDelivery, refuseFile } from '../../../../shared/sources/imdb/ledger.ts';
import { type CopyPlan, type CopyPlanRequest, planCopy } from '../../../../shared/sources/imdb/plan-copy.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';
import { type MemoryLanding, memoryLanding } from './memory-landing.ts';

const everyDataSet = imdbDataSets.map(({ name }) => name);

/** A landing container, a lake, and runs that copy whatever their plan says. */
function world() {
  const store = memoryStore();
  const landing = memoryLanding();
  let runs = 0;
  const request = (mode: CopyPlanRequest['mode'], dataSets = everyDataSet): CopyPlanRequest => {
    runs += 1;
    const run = { runId: `imdb-${runs}`, startedAt: `2026-01-31T00:00:0${runs}.000Z` };
    return { run, mode, dataSets };
  };
  const plan = (asked: CopyPlanRequest): Promise<CopyPlan> => planCopy(asked, { store, landing });
  return {
    store,
    landing,
    request,
    plan,
    /** Plans and carries every copy out. */
    async carry(mode: CopyPlanRequest['mode'] = 'incremental'): Promise<CopyPlan> {
      const asked = request(mode);
      const made = await plan(asked);
      await commitAll(store, landing, asked, made);
      return made;
    },
  };
}

async function commitAll(store: LakeStore, landing: MemoryLanding, { run }: CopyPlanRequest, plan: CopyPlan) {
  for (const { file, entry, sequence, bronzePath } of plan.copies) {
    const bronze = { path: bronzePath, bytes: 1, lines: 1, malformedLines: 0, rows: 1, columns: [], expandedBytes: 1 };
    const claim = { run, file, entry: entry.name, dataSet: entry.dataSet, sequence };
    await commitDelivery(store, claim, { bronze, sha256: await contentHash(file, landing) });
  }
}

function dataSetsOf(plan: CopyPlan): string[] {
  return plan.copies.map(({ entry }) => entry.dataSet);
}

describe('what is copied', () => {
  test('every data set once; then only what is new or changed', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    landing.put('title.ratings.tsv.gz', 'b');
    expect(dataSetsOf(await carry())).toEqual(['title.basics', 'title.ratings']);
    expect(dataSetsOf(await carry())).toEqual([]);
    landing.put('title.ratings.tsv.gz', 'bb');
    landing.put('name.basics.tsv.gz', 'c');
    expect(dataSetsOf(await carry())).toEqual(['title.ratings', 'name.basics']);
  });

  test('the same bytes under a new ETag are noticed, and read once only', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'same');
    await carry();
    landing.put('title.basics.tsv.gz', 'same');
    expect(dataSetsOf(await carry())).toEqual([]);
    const reads = landing.reads.length;
    expect(dataSetsOf(await carry())).toEqual([]);
    expect(landing.reads.length).toBe(reads);
  });

  test('other bytes of the same size are copied', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'same');
    await carry();
    landing.put('title.basics.tsv.gz', 'diff');
    expect(dataSetsOf(await carry())).toEqual(['title.basics']);
  });

  test('a full run copies again what silver stands on', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    await carry();
    expect(dataSetsOf(await carry('full'))).toEqual(['title.basics']);
  });

  test('only the data sets asked for; the others stay new', async () => {
    const { store, landing, request, plan, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    landing.put('title.ratings.tsv.gz', 'b');
    const asked = request('incremental', ['title.ratings']);
    const made = await plan(asked);
    await commitAll(store, landing, asked, made);
    expect(dataSetsOf(made)).toEqual(['title.ratings']);
    expect(dataSetsOf(await carry())).toEqual(['title.basics']);
  });

  test('a file that is no data set is noted and left alone', async () => {
    const { landing, carry } = world();
    landing.put('readme.txt', 'hello');
    expect(await carry()).toMatchObject({ copies: [], refusals: [], notes: [expect.stringContaining('readme.txt')] });
  });

  test.each(['replaced', 'deleted'])(
    'a file that is %s while it is looked at is noted, the others are copied',
    async how => {
      const { store, landing, request, carry } = world();
      landing.put('title.crew.tsv', 'a');
      await carry();
      landing.put('title.crew.tsv', 'b');
      landing.put('title.ratings.tsv', 'c');
      const moving = {
        ...landing,
        async *list() {
          for await (const file of landing.list()) {
            if (file.path === 'title.crew.tsv' && how === 'replaced') landing.put(file.path, 'c');
            if (file.path === 'title.crew.tsv' && how === 'deleted') landing.remove(file.path);
            yield file;
          }
        },
      };
      const made = await planCopy(request('incremental'), { store, landing: moving });
      expect(dataSetsOf(made)).toEqual(['title.ratings']);
      expect(made).toMatchObject({ refusals: [], notes: [expect.stringContaining('title.crew.tsv')] });
    },
  );
});

describe('two files for one data set', () => {
  test('two new ones are refused, both by name, until one is gone', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    landing.put('new/title.basics.csv', 'b');
    landing.put('title.ratings.tsv.gz', 'c');
    const plan = await carry();
    expect(dataSetsOf(plan)).toEqual(['title.ratings']);
    expect(plan.refusals.map(({ file, code }) => [file.path, code])).toEqual([
      ['new/title.basics.csv', 'two-claims'],
      ['title.basics.tsv.gz', 'two-claims'],
    ]);
    landing.remove('new/title.basics.csv');
    expect(dataSetsOf(await carry())).toEqual(['title.basics']);
  });

  test('a newer file takes the place of one that was copied, also for a full run', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    await carry();
    landing.put('new/title.basics.csv', 'b');
    expect((await carry()).copies.map(({ file }) => file.path)).toEqual(['new/title.basics.csv']);
    expect((await carry('full')).copies.map(({ file }) => file.path)).toEqual(['new/title.basics.csv']);
  });

  test('a full run takes a new file before the one that silver stands on', async () => {
    const { landing, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    await carry();
    landing.put('new/title.basics.csv', 'b');
    expect((await carry('full')).copies.map(({ file }) => file.path)).toEqual(['new/title.basics.csv']);
  });
});

describe('what was refused', () => {
  const failure = { code: 'truncated', message: 'ends too early' };

  test('that version is left alone; another one, and a full run, are tried', async () => {
    const { store, landing, request, plan, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    const asked = request('incremental');
    const [copy] = (await plan(asked)).copies;
    if (copy === undefined) throw new Error('nothing planned');
    const claim = { run: asked.run, file: copy.file, entry: null, dataSet: 'title.basics', sequence: copy.sequence };
    expect(await refuseDelivery(store, claim, failure)).toBe(true);
    expect(dataSetsOf(await plan(request('incremental')))).toEqual([]);
    expect(dataSetsOf(await plan(request('full')))).toEqual(['title.basics']);
    landing.put('title.basics.tsv.gz', 'bb');
    expect(dataSetsOf(await carry())).toEqual(['title.basics']);
  });

  test('a failure that does not lie in the file is not held against it', async () => {
    const { store, landing, request, plan } = world();
    landing.put('title.basics.tsv.gz', 'a');
    const asked = request('incremental');
    const [copy] = (await plan(asked)).copies;
    if (copy === undefined) throw new Error('nothing planned');
    const claim = { run: asked.run, file: copy.file, entry: null, dataSet: 'title.basics', sequence: copy.sequence };
    expect(await refuseDelivery(store, claim, { code: 'unexpected', message: 'a bug' })).toBe(false);
    expect(dataSetsOf(await plan(request('incremental')))).toEqual(['title.basics']);
  });

  test('an archive that cannot be listed is a refusal of its own, once', async () => {
    const { store, landing, request, plan } = world();
    const file = landing.put('imdb.zip', 'no zip at all');
    landing.put('title.basics.tsv.gz', 'a');
    const first = request('incremental');
    const made = await plan(first);
    expect(dataSetsOf(made)).toEqual(['title.basics']);
    expect(made.refusals).toMatchObject([{ file: { path: 'imdb.zip' }, dataSet: null, code: 'bad-archive' }]);
    await refuseFile(store, first.run, file, failure);
    expect((await plan(request('incremental'))).refusals).toEqual([]);
    expect((await plan(request('full'))).refusals).toHaveLength(1);
  });
});

describe('sequence numbers', () => {
  test('a repeated plan of one run gives the same number; the next run a larger one', async () => {
    const { landing, request, plan } = world();
    landing.put('title.basics.tsv.gz', 'a');
    const asked = request('incremental');
    const first = await plan(asked);
    expect((await plan(asked)).copies).toEqual(first.copies);
    expect((await plan(request('incremental'))).copies[0]?.sequence).toBe((first.copies[0]?.sequence ?? 0) + 1);
  });

  test('a run that was overtaken commits nothing', async () => {
    const { store, landing, request, plan } = world();
    landing.put('title.basics.tsv.gz', 'a');
    const slow = request('incremental');
    const plannedFirst = await plan(slow);
    await plan(request('incremental'));
    await expect(commitAll(store, landing, slow, plannedFirst)).rejects.toMatchObject({ code: 'overtaken' });
    expect((await loadLedger(store)).dataSets['title.basics']?.current).toBeNull();
  });

  test('a file replaced between plan and commit stays new', async () => {
    const { store, landing, request, plan, carry } = world();
    landing.put('title.basics.tsv.gz', 'a');
    const asked = request('incremental');
    const made = await plan(asked);
    await commitAll(store, landing, asked, made);
    landing.put('title.basics.tsv.gz', 'b');
    expect(dataSetsOf(await carry())).toEqual(['title.basics']);
  });

  test('deliveries of one day lie beside each other', async () => {
    const { landing, carry } = world();
    const paths: string[] = [];
    for (const content of ['a', 'bb', 'ccc']) {
      landing.put('title.basics.tsv.gz', content);
      paths.push((await carry()).copies[0]?.bronzePath ?? '');
    }
    expect(paths).toEqual([
      'bronze/imdb/title.basics/2026-01-31/part-0001.parquet',
      'bronze/imdb/title.basics/2026-01-31.2/part-0001.parquet',
      'bronze/imdb/title.basics/2026-01-31.3/part-0001.parquet',
    ]);
  });
});
