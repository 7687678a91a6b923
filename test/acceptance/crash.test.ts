/** The crash harness itself, on a few points of a run; `npm run crash` visits all of them. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import type { OperationPoint } from '../../local/faults.ts';
import { withDatabase } from '../../local/youflix/database.ts';
import { applySchema } from '../../local/youflix/schema.ts';
import { crashAt, type Rehearsal, rehearse } from '../crash/harness.ts';
import { youflixCrashes } from '../crash/youflix.ts';
import { fillPlatform } from './test-lake.ts';

let folder: string;
let full: Rehearsal;

// The same scenario on a small database and without its second phase: the harness is what is tested.
const scenario = {
  ...youflixCrashes,
  seed: async ({ connectionString }: Cloud) => {
    await withDatabase(connectionString, applySchema);
    await fillPlatform(connectionString);
  },
  phases: youflixCrashes.phases.slice(0, 1),
};

beforeAll(async () => {
  const rehearsed = await rehearse(scenario);
  folder = rehearsed.folder;
  const [phase] = rehearsed.rehearsals;
  if (phase === undefined) throw new Error('the scenario has no phase');
  full = phase;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function indexOf(wanted: RegExp, phase: OperationPoint['phase']): number {
  const index = full.points.findIndex(point => wanted.test(point.operation) && point.phase === phase);
  if (index < 0) throw new Error(`the run has no point ${phase} ${wanted}`);
  return index;
}

test('an undisturbed run passes every kind of point and leaves rows and watermarks', () => {
  const operations = full.points.map(({ operation }) => operation.split('/')[0]);
  for (const kind of ['RENAME control', 'RENAME bronze', 'RENAME silver', 'APPEND bronze'])
    expect(operations).toContain(kind);
  expect(full.endState['silver/users']).toMatch(/^300 rows, digest /);
  expect(full.endState['watermark/users']).not.toBe('none');
});

test.each<[string, RegExp, OperationPoint['phase']]>([
  ['before a commit', /^RENAME silver\/youflix\/users\/_delta_log\//, 'before'],
  ['after a commit, its answer lost', /^RENAME silver\/youflix\/users\/_delta_log\//, 'after'],
  ['while the rows are read', /^SELECT \[user_id\]/, 'before'],
])('killed %s and started again, the app ends where an undisturbed run does', async (_what, operation, phase) => {
  const verdict = await crashAt(scenario, full, indexOf(operation, phase));
  expect(verdict).toMatchObject({ reached: true, differences: [] });
});
