import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as lakePaths from '../../../shared/catalog/lake-paths.ts';
import { projectRoot } from '../../source-files.ts';

const {
  bronzeDataSetPath,
  bronzeListFolder,
  bronzeManifestPath,
  bronzePagePath,
  bronzeTablePath,
  lakeFileSystems,
  ledgerPath,
  outboxPath,
  partitionRecordPath,
  quarantineDataSetPath,
  quarantineListPath,
  quarantineMoviesPath,
  runLockPath,
  runRecordFolder,
  runRecordPath,
  silverPartitionPath,
  silverTablePath,
  watermarkPath,
} = lakePaths;

const tmdbRun = { runId: 'tmdb-20260131T120000000Z-0a1b2c', startedAt: '2026-01-31T12:00:00.000Z' };
const dataSetPath = 'bronze/imdb/title.basics/2026-01-31/part-0001.parquet';
const run = { runId: 'youflix-20260131T120000000Z-0a1b2c', startedAt: '2026-01-31T12:00:00.000Z' };

describe('docs/lake-layout.md', () => {
  const page = readFileSync(join(projectRoot, 'docs/lake-layout.md'), 'utf8');
  const examples = {
    bronzeTablePath: [bronzeTablePath('users', run), bronzeTablePath('users', run, 1)],
    bronzeDataSetPath: [
      bronzeDataSetPath('title.basics', run, undefined),
      bronzeDataSetPath('title.basics', run, dataSetPath),
    ],
    quarantineDataSetPath: [quarantineDataSetPath(dataSetPath)],
    silverTablePath: [silverTablePath('youflix', 'users'), silverTablePath('imdb', 'titles')],
    ledgerPath: [ledgerPath('imdb')],
    bronzePagePath: [bronzePagePath(bronzeListFolder('popular', tmdbRun), 1)],
    bronzeManifestPath: [bronzeManifestPath(bronzeListFolder('popular', tmdbRun))],
    quarantineListPath: [quarantineListPath(bronzeListFolder('popular', tmdbRun))],
    quarantineMoviesPath: [quarantineMoviesPath(bronzeListFolder('popular', tmdbRun))],
    silverPartitionPath: [silverPartitionPath('tmdb', 'movie_lists', 'popular', '2026-01-31')],
    outboxPath: [outboxPath('tmdb', `${tmdbRun.runId}.popular`)],
    partitionRecordPath: [partitionRecordPath('tmdb', 'popular', '2026-01-31')],
    watermarkPath: [watermarkPath('youflix', 'users')],
    runRecordPath: [runRecordPath('youflix', run.runId)],
    runLockPath: [runLockPath('youflix')],
  };

  test.each(Object.entries(examples))('shows what %s makes', (_, paths) => {
    for (const path of paths) expect(page).toContain(`\`${path}\``);
  });

  test('shows nothing that no maker makes', () => {
    const shown = [...page.matchAll(/`((?:bronze|silver|gold|quarantine|control)\/[^`]+)`/g)].map(match => match[1]);
    expect(shown.sort()).toEqual(Object.values(examples).flat().sort());
  });

  test('leaves no maker of files out', () => {
    const makers = Object.keys(lakePaths).filter(name => name.endsWith('Path'));
    expect(makers.sort()).toEqual(Object.keys(examples).sort());
  });

  test('lists every file system', () => {
    const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(match => match[1]);
    expect(listed).toEqual([...lakeFileSystems]);
  });
});

test('the day of a bronze path is the day of the start, UTC', () => {
  const late = { runId: 'r', startedAt: '2025-12-31T23:59:59.999Z' };
  expect(bronzeTablePath('plans', late)).toBe('bronze/youflix/plans/2025/12/31/r.csv');
});

test('each delivery of a data set has a folder of its own, in the order in which they came', () => {
  const deliveries: string[] = [];
  for (let count = 0; count < 12; count++) deliveries.push(bronzeDataSetPath('title.basics', run, deliveries.at(-1)));
  const nextDay = { runId: 'r', startedAt: '2026-02-01T00:00:00.000Z' };
  deliveries.push(bronzeDataSetPath('title.basics', nextDay, deliveries.at(-1)));
  expect(new Set(deliveries).size).toBe(13);
  expect(deliveries.at(11)).toBe('bronze/imdb/title.basics/2026-01-31.12/part-0001.parquet');
  expect(deliveries.at(12)).toBe('bronze/imdb/title.basics/2026-02-01/part-0001.parquet');
});

test('two steps never share a bronze path', () => {
  const step = fc.record({
    table: fc.constantFrom('plans', 'users', 'subscriptions'),
    runId: fc.stringMatching(/^youflix-[0-9TZa-f]{1,8}$/),
    part: fc.option(fc.integer({ min: 1, max: 12_000 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(step, step, (a, b) => {
      const path = ({ table, runId, part }: typeof a): string =>
        bronzeTablePath(table, { runId, startedAt: run.startedAt }, part);
      expect(path(a) === path(b)).toBe(a.table === b.table && a.runId === b.runId && a.part === b.part);
    }),
  );
});

test('records of a pipeline lie in its folder, in the order of their ids', () => {
  const ids = ['youflix-20260131T120000000Z-ff', 'youflix-20260131T120000001Z-00', 'youflix-20260201T000000000Z-aa'];
  const paths = ids.map(id => runRecordPath('youflix', id));
  expect(paths).toEqual([...paths].sort());
  for (const path of paths) expect(path.startsWith(`${runRecordFolder('youflix')}/`)).toBe(true);
});
