/** Archives that Python makes and Microsoft's Blob package for Python delivers: each starts a run by its event, and bronze has its lines. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns, type RunRecord, waitForRun } from '../../local/app-client.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import { stepOf, writeDelivery } from './imdb-deliveries.ts';
import type { PythonProgram } from './python-program.ts';

const runTimeoutMs = 60_000;

const name = 'Azure Blob for Python';

/** The third delivery of some data sets. The program has the actions of imdb_lines.py and python_archives.py. */
export async function deliverArchives(
  program: PythonProgram,
  { dataDir, folder, url, landing }: FilledLake,
  { check }: Checks,
): Promise<void> {
  const delivered = await writeDelivery(dataDir, 2, []);
  const sourceOf = (dataSet: string): string => join(delivered, `${dataSet}.tsv.gz`);
  const linesInBronze = async (run: RunRecord, dataSet: string): Promise<unknown> =>
    program.ask('bronze_lines', { path: join(folder, stepOf(run, 'copy', dataSet).path) });

  await check(`${name}: a gzip of many members, uploaded in blocks, starts a run by its event`, async () => {
    const source = sourceOf('title.crew');
    const gzip = { landing, name: 'title.crew.tsv.gz', source, members: 5 };
    const run = await runAfter(url, () => program.ask('deliver_gzip', gzip));
    assert.deepEqual(await linesInBronze(run, 'title.crew'), await program.ask('source_lines', { path: source }));
  });
  await check(`${name}: a zip written in one pass, of stored, deflated and 64-bit entries, does too`, async () => {
    const entries = [
      { dataSet: 'title.episode', name: 'title.episode.tsv', stored: true, zip64: true },
      { dataSet: 'name.basics', name: 'data/name.basics.tsv', stored: false, zip64: true },
      { dataSet: 'title.ratings', name: 'data/title.ratings.csv', stored: false, zip64: false },
      { dataSet: 'title.basics', name: 'title.basics.csv', stored: false, zip64: false },
    ].map(entry => ({ ...entry, source: sourceOf(entry.dataSet) }));
    const run = await runAfter(url, () => program.ask('deliver_zip', { landing, name: 'imdb.zip', entries }));
    for (const { dataSet, name, source } of entries) {
      assert.deepEqual(await linesInBronze(run, dataSet), await program.ask('source_lines', { path: source }), name);
    }
  });
}

/** The run that begins by itself when something was delivered. */
async function runAfter(url: string, deliver: () => Promise<unknown>): Promise<RunRecord> {
  const [before] = await listRuns(url, 'imdb', 1);
  await deliver();
  for (const deadline = Date.now() + runTimeoutMs; Date.now() < deadline; await sleep(100)) {
    const [newest] = await listRuns(url, 'imdb', 1);
    if (newest === undefined || newest.runId === before?.runId) continue;
    const run = await waitForRun(url, newest.runId, runTimeoutMs);
    assert.equal(run.status, 'Completed', JSON.stringify(run.tables));
    return run;
  }
  throw new Error(`no event started a run within ${runTimeoutMs / 1000} s`);
}
