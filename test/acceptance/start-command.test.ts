/** `npm start` as a program sees it: exit codes, the one line of JSON, signals, memory, and what it leaves behind. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Summary } from '../../local/summary.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { imdbTables } from '../../shared/silver/imdb/index.ts';
import { projectRoot } from '../source-files.ts';
import { hasProcessTree, processTree, residentBytes } from './process-tree.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'youflix-start-'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

interface Command {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
  terminate(): void;
}

function up(...flags: string[]): Command {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/up.ts', ...flags], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  return {
    pid: child.pid ?? 0,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    exited: new Promise(resolve => child.on('close', resolve)),
    terminate: () => child.kill('SIGTERM'),
  };
}

function summaryOf(command: Command): Summary {
  return JSON.parse(command.stdout().trimEnd().split('\n').at(-1) ?? '') as Summary;
}

/** Watches a command until it ends; the largest sum of resident memory that was seen, in bytes. */
async function peakMemory(command: Command): Promise<number> {
  let peak = 0;
  let ended = false;
  command.exited.then(() => {
    ended = true;
  });
  while (!ended) {
    peak = Math.max(peak, residentBytes(processTree(command.pid)));
    await sleep(100);
  }
  return peak;
}

const step = {
  name: expect.any(String),
  table: expect.any(String),
  rowsIn: expect.any(Number),
  rowsOut: expect.any(Number),
  bytes: expect.any(Number),
  path: expect.stringMatching(/^(bronze|silver|quarantine|control)\//),
  seconds: expect.any(Number),
};

function modesOf(summary: Summary, pipeline: string): readonly string[] {
  return summary.runs.filter(run => run.pipeline === pipeline).map(({ mode }) => mode);
}

test('--once --json: everything green, in one line that says what was done', async () => {
  const command = up('--once', '--json', '--data', dataDir, '--port', '0');
  const peak = await peakMemory(command);
  expect(await command.exited, command.stderr()).toBe(0);
  const summary = summaryOf(command);
  expect(summary).toEqual({
    ok: true,
    seconds: expect.any(Number),
    dataDir,
    runs: expect.any(Array),
    tables: expect.any(Array),
  });
  for (const run of summary.runs) {
    expect(run).toEqual({
      pipeline: expect.any(String),
      mode: expect.any(String),
      runId: expect.stringMatching(new RegExp(`^${run.pipeline}-`)),
      status: 'Completed',
      seconds: expect.any(Number),
      steps: expect.any(Array),
    });
    for (const taken of run.steps) expect(taken).toEqual(step);
  }
  expect(modesOf(summary, 'youflix')).toEqual(['full', 'incremental']);
  // The second delivery is two files, and events start the runs: one that takes both, or one for each.
  expect(modesOf(summary, 'imdb').join(' ')).toMatch(/^full incremental( incremental)?$/);
  const silver = [
    ...youflixTables.map(({ name }) => `silver/youflix/${name}`),
    ...imdbTables.map(({ name }) => `silver/imdb/${name}`),
  ];
  expect(summary.tables).toEqual(
    expect.arrayContaining(silver.map(name => ({ name, rows: expect.any(Number), version: expect.any(Number) }))),
  );
  for (const run of summary.runs.filter(({ pipeline }) => pipeline === 'youflix')) {
    const extracts = run.steps.filter(({ name }) => name === 'extract');
    expect(extracts.map(({ table }) => table).sort()).toEqual(['plans', 'subscriptions', 'users']);
    for (const extract of extracts) {
      const rows: unknown[] = parse(readFileSync(join(dataDir, 'lake', extract.path)), {
        from_line: 2,
        record_delimiter: '\n',
      });
      expect(extract.rowsOut).toBe(rows.length);
    }
  }
  if (hasProcessTree) {
    expect(peak).toBeGreaterThan(50 * 1024 * 1024);
    expect(peak).toBeLessThan(1024 ** 3);
  }
}, 90_000);

test('again on the same data folder, staying up; SIGTERM ends it and all its processes', async () => {
  const command = up('--json', '--data', dataDir, '--port', '0', '--rate', '20');
  await expect.poll(command.stderr, { timeout: 60_000, interval: 100 }).toContain('The cloud stays up');
  const tree = processTree(command.pid);
  if (hasProcessTree) expect(tree.length).toBeGreaterThanOrEqual(2);
  const url = /http:\/\/127\.0\.0\.1:\d+\/api/.exec(command.stderr())?.[0];
  expect((await fetch(`${url}/health`)).status).toBe(200);

  command.terminate();
  expect(await command.exited, command.stderr()).toBe(0);
  const summary = summaryOf(command);
  expect(summary.ok).toBe(true);
  expect(summary.tables.find(({ name }) => name === 'silver/youflix/users')?.version).toBeGreaterThanOrEqual(2);
  expect(tree.flatMap(pid => processTree(pid))).toEqual([]);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
}, 90_000);

test('bad flags: exit code 1, every one of them named, nothing raised', async () => {
  const command = up('--once', '--scale', 'tiny', '--port', 'x', '--only', 'imdb2', '--rate=-1', '--engine', 'steam');
  expect(await command.exited).toBe(1);
  for (const flag of ['--scale', '--port', '--only', '--rate', '--engine']) expect(command.stderr()).toContain(flag);
  expect(command.stdout()).toBe('');
});

test('an unknown flag is refused by name', async () => {
  const command = up('--fast');
  expect(await command.exited).toBe(1);
  expect(command.stderr()).toContain('--fast');
});
