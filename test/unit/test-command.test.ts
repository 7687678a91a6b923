/** `npm test` counts what it should: its last line is what CI and people go by. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../source-files.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'test-command-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs the command on the files of `folder`; returns its exit code and the last line it printed. */
function run(...filter: readonly string[]): { readonly status: number | null; readonly last: string | undefined } {
  const { VITEST: _, ...environment } = process.env;
  const flags = ['--root', folder, '--globals', '--maxWorkers', '1', '--no-isolate'];
  const { status, stdout } = spawnSync(process.execPath, [join(projectRoot, 'test/run.ts'), ...filter, ...flags], {
    env: environment,
    encoding: 'utf8',
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1) };
}

describe('npm test', () => {
  test('counts failed tests, hooks, files that do not load and stray errors, each as one', async () => {
    const files = {
      'mixed.test.mjs': "test('a', () => {}); test('b', () => { throw new Error('b'); });",
      'hook.test.mjs': "describe('c', () => { beforeAll(() => { throw new Error('c'); }); test('d', () => {}); });",
      'broken.test.mjs': "import './missing.mjs'; test('e', () => {});",
      'stray.test.mjs': "test('f', () => { Promise.reject(new Error('stray')); });",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    expect(run()).toEqual({ status: 1, last: '2 passed, 4 failed' });
  });

  test('succeeds when all that was asked for passed', async () => {
    await writeFile(join(folder, 'good.test.mjs'), "test('a', () => {}); test('b', () => {});");
    expect(run('good')).toEqual({ status: 0, last: '2 passed, 0 failed' });
  });

  test('fails when nothing ran', () => {
    expect(run('no-such-file')).toEqual({ status: 1, last: '0 passed, 0 failed' });
  });
});
